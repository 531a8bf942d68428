#include "control_svc/store/deadline_wheel.h"

#include <algorithm>
#include <utility>

namespace weir::control::store {

// Rounded up, so that nothing comes up early.
DeadlineWheel::Tick DeadlineWheel::tick_of(SteadyTime deadline) {
  const auto since = std::max(deadline.time_since_epoch(), Duration{0});
  return since / kTick + (since % kTick != Duration{0} ? 1 : 0);
}

DeadlineWheel::Tick DeadlineWheel::file(Slot slot, SteadyTime deadline) {
  const Tick tick = std::clamp(tick_of(deadline), next_, next_ + kTicks - 1);
  at(tick).push_back(slot);
  return tick;
}

std::optional<DeadlineWheel::Entry> DeadlineWheel::take(SteadyTime now) {
  if (ready_.empty()) turn_to(now.time_since_epoch() / kTick);
  if (ready_.empty()) return std::nullopt;
  const Entry entry = ready_.back();
  ready_.pop_back();
  return entry;
}

// Ahead of anything that is filed from now on, so that what is filed again does not come up twice.
void DeadlineWheel::turn_to(Tick current) {
  const Tick last = std::min(current, next_ + kTicks - 1);
  for (Tick tick = next_; tick <= last; ++tick) {
    for (const Slot slot : std::exchange(at(tick), {})) ready_.push_back({slot, tick});
  }
  next_ = std::max(next_, current + 1);
}

}  // namespace weir::control::store
