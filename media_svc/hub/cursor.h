// A viewer's place in a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "common/clock.h"
#include "media_svc/hub/stream_log.h"

namespace weir::media::hub {

// Pulls frames from a log: first metadata and configuration, then from the newest keyframe on. One
// that the log's ring has left behind goes on at the newest keyframe. A value of the log's worker;
// the log outlives it.
//
// Most viewers of a stream stand at the same place. For them `position()` tells that what was
// gathered for one serves all: send it, then `consume`.
class Cursor {
 public:
  // Stands at the newest keyframe; where nothing is published, before the first frame to come.
  Cursor(const StreamLog& log, SteadyTime now);

  // Stands where a new one would, for a viewer that wants no more of what it has; nothing of that
  // counts as skipped.
  void restart(SteadyTime now);

  // The frames to send next, oldest first, as many as are there and fit. Pointers last until the
  // log's next append: keep a handle on a frame that was sent in part.
  std::size_t peek(std::span<const Frame*> frames, SteadyTime now);
  // The first `count` frames of the last peek need not come again.
  void consume(std::size_t count);

  // The log's sequence to be sent next, where that is all there is to it: no configuration to be
  // sent before, not left behind, not waiting for a keyframe.
  std::optional<Sequence> position() const;

  // How long the next frame has been waiting for this viewer; 0 where it has all, or waits for a
  // keyframe. Right also when that frame has left the ring.
  Duration lag(SteadyTime now);
  // Frames that this viewer was never sent because it was too slow.
  std::uint64_t skipped() const { return skipped_; }

 private:
  enum class State : std::uint8_t {
    // Waits for a keyframe to start at.
    kJoining,
    kFollowing,
    // Left behind by the ring; waits for a keyframe to go on at.
    kLeftBehind,
  };

  // Moves to where reading goes on; false where it can't yet.
  bool settle(SteadyTime now);
  void note_due();

  const StreamLog* log_;
  State state_ = State::kJoining;
  Sequence next_ = 0;
  // Sent before `next_`; null once sent.
  std::shared_ptr<const StreamLog::Prelude> prelude_;
  std::size_t prelude_sent_ = 0;
  SteadyTime started_{};
  // Since when what comes next could have been sent; empty where it was not there yet.
  std::optional<SteadyTime> due_;
  std::uint64_t skipped_ = 0;
};

}  // namespace weir::media::hub
