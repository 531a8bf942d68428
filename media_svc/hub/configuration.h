// What a decoder must be given before it can start anywhere in a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "media_svc/flv/tag.h"
#include "media_svc/hub/frame.h"

namespace weir::media::hub {

// The newest metadata and the newest sequence header of each track, in the order they came. A
// value; the log keeps one for now and one with each keyframe.
class Configuration {
 public:
  // Of all payloads together. What goes beyond it is passed on, but not kept for later viewers.
  static constexpr std::size_t kMaxBytes = std::size_t{4} * 1024 * 1024;
  // Likewise. Enough for a sequence header and metadata of each of 256 audio and 256 video tracks.
  static constexpr std::size_t kMaxFrames = 1024;

  // Whether `frame` (metadata or configuration) says only what is already known and in use.
  bool knows(const Frame& frame) const;
  // Takes `frame` in place of what it supersedes, and follows it.
  void take(FrameHandle frame);
  // Whether `follow(frame)` would change anything.
  bool is_changed_by(const Frame& frame) const;
  // What belongs to a track of `frame` is in use as long as that goes on with the same codec: not
  // where another follows, which may need no sequence header of its own, or nothing.
  void follow(const Frame& frame);

  std::size_t bytes() const;
  // What a copy of it holds, beside frames that are shared.
  std::size_t copy_bytes() const { return sizeof(*this) + entries_.size() * sizeof(Entry); }
  // The frames in use as if published at `timestamp`: the description of the stream, then the rest.
  std::vector<FrameHandle> frames_at(std::uint32_t timestamp) const;

 private:
  struct Entry {
    FrameHandle frame;
    flv::TrackSet tracks;
    // Those of them that it is not used for now.
    flv::TrackSet idle = {};
  };

  static flv::TrackSet idle_after(const Entry& entry, const Frame& frame);

  std::vector<Entry> entries_;
};

}  // namespace weir::media::hub
