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
  const Tick current = now.time_since_epoch() / kTick;
  const Tick turn_end = std::min(current, next_ + kTicks - 1);
  while (ready_.empty() && next_ <= turn_end) {
    ready_tick_ = next_++;
    ready_ = std::exchange(at(ready_tick_), {});
  }
  if (ready_.empty()) {
    // A whole turn is empty: the ticks in between hold nothing either.
    next_ = std::max(next_, current + 1);
    return std::nullopt;
  }
  const Slot slot = ready_.back();
  ready_.pop_back();
  return Entry{slot, ready_tick_};
}

}  // namespace weir::control::store
