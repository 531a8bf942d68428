// Frames ahead of a player, as the pieces of one gathered write.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/shared_bytes.h"
#include "media_svc/hub/frame.h"

namespace weir::media::net {

// Which frames a player is sent, and for which message stream they are rendered.
struct Selection {
  std::uint32_t message_stream = 1;
  bool audio = true;
  bool video = true;

  bool takes(const hub::Frame& frame) const;
  // Every frame in the rendering that is kept with it.
  bool is_common() const;
};

// Owned by a worker and used again and again, so that a write allocates nothing. What it was filled
// with must last until the write.
class Gathering {
 public:
  static constexpr std::size_t kFrames = 64;

  // To be filled, oldest first, before `gather`.
  std::span<const hub::Frame*> slots() { return frames_; }
  // Renders those of the first `frames` frames that the player takes.
  void gather(std::size_t frames, const Selection& selection);
  void clear() { gather(0, {}); }

  std::size_t frames() const { return frame_count_; }
  std::size_t bytes() const { return bytes_; }
  // Of how many frames nothing is left to send once `pieces` pieces are sent.
  std::size_t frames_done(std::size_t pieces) const;

 private:
  friend class Egress;
  // Before the frames: the rest of one sent in part, and the session's own output.
  static constexpr std::size_t kHead = 2;

  std::array<const hub::Frame*, kFrames> frames_{};
  std::array<iovec, kHead + kFrames> pieces_{};
  // Of each piece: its bytes, and the place after its frame in `frames_`.
  std::array<const SharedBytes*, kFrames> sources_{};
  std::array<std::size_t, kFrames> frames_after_{};
  // Renderings that only one player gets.
  std::array<SharedBytes, kFrames> own_{};
  std::size_t frame_count_ = 0;
  std::size_t piece_count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace weir::media::net
