// What of a stream that is played again its viewers have had already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::media::relay {

// A stream that is played again begins at its newest keyframe. While it is the same publication,
// this leaves out what came before: then it goes on after the last frame, or at the keyframe where
// some are missing. A value, of one stream.
class ReplayFilter {
 public:
  enum class Track : std::uint8_t { kAudio, kVideo, kOther };

  // It is played, maybe again; another epoch is another publication, with times of its own.
  void begin(std::int64_t epoch);
  // Whether a frame is new; configuration is not to be asked for. Timestamps wrap at 2^32 ms.
  bool is_new(Track track, std::uint32_t timestamp);

 private:
  struct Seen {
    std::optional<std::uint32_t> last;
    // Until the first new frame.
    bool replaying = false;
  };

  std::int64_t epoch_ = 0;
  std::array<Seen, 3> tracks_;
};

}  // namespace weir::media::relay
