// What a decoder must be given before it can start anywhere in a stream.
#pragma once

#include <optional>
#include <vector>

#include "media_svc/flv/tag.h"
#include "media_svc/hub/frame.h"

namespace weir::media::hub {

// The newest metadata and the newest sequence header of each track, in the order they came. A
// value; the log keeps one for now and one with each keyframe.
class Configuration {
 public:
  // Whether `frame` (metadata or configuration) says only what is already known.
  bool knows(const Frame& frame) const;
  // Takes `frame` in place of what it supersedes.
  void take(FrameHandle frame);

  bool empty() const { return entries_.empty(); }
  // The frames, metadata first, as if published at `timestamp`.
  std::vector<FrameHandle> frames_at(std::uint32_t timestamp) const;
  // The frames as they were published.
  std::vector<FrameHandle> frames() const;

 private:
  struct Entry {
    FrameHandle frame;
    flv::TrackSet tracks;
  };
  // An entry that `frame` with these tracks makes worthless.
  static bool supersedes(const Frame& frame, const flv::TrackSet& tracks, const Entry& entry);

  std::vector<Entry> entries_;
};

}  // namespace weir::media::hub
