// When an instance attaches again: soon where its own line broke, spread out where a fleet's did.
#pragma once

#include <optional>

#include "common/clock.h"

namespace weir::media::control_link {

// Each the longest of a random pause.
struct AttachPauses {
  // A line broke that had held: most often control is there, and nobody else's broke.
  Duration soon{100};
  // Control has not answered this process yet; doubles with each attempt.
  Duration starting{1'000};
  // Control was away, and the whole fleet comes back to it.
  Duration fleet{10'000};
};

// Pure; ControlLink guards it with its mutex. When an attempt or a line has ended, in this order:
//
//   control has never answered           `starting`, doubled up to `fleet`
//   control asked for it                 what it said
//   this process wants it, or leaves     `soon`, `starting`
//   the line had held for `fleet`        `soon`
//   otherwise                            `fleet`
//
// So one attempt tells a broken line from a control that is away: where it is in vain, or the new
// line breaks as well, the next is spread out. None of it takes more than two thirds of the lease,
// as sessions are lost with that.
class AttachPacer {
 public:
  explicit AttachPacer(const AttachPauses& pauses) : pauses_(pauses), starting_(pauses.starting) {}

  // Control has answered; from then on the line holds.
  void welcomed(SteadyTime now, Duration lease);
  // The line is about to be ended, for a new one within that.
  void end_for_another(Duration within) { wanted_ = within; }
  void end_for_another() { wanted_ = pauses_.soon; }
  // There is something to be told before the process ends.
  void leave() { leaving_ = true; }

  // An attempt or a line has ended; `at` is a random place in [0, 1). How long until the next.
  Duration pause(SteadyTime now, double at);

 private:
  Duration longest_pause(SteadyTime now);

  const AttachPauses pauses_;
  Duration starting_;
  Duration lease_{0};
  bool answered_ = false;
  bool leaving_ = false;
  std::optional<Duration> wanted_;
  // Unset once the line has ended.
  std::optional<SteadyTime> welcomed_at_;
};

}  // namespace weir::media::control_link
