// A pure machine of a test and the time that it is told.
#pragma once

#include <chrono>

#include "common/clock.h"

namespace weir::support {

// Time stands still until it is moved; `Tick` is the event by which a machine looks at it.
template <class Machine, class Event, auto Tick>
struct TimedMachine {
  static constexpr SteadyTime kStart{std::chrono::hours{1}};

  Machine machine;
  SteadyTime now = kStart;

  typename Machine::Actions step(const Event& event) { return machine.step(event, now); }
  typename Machine::Actions after(Duration time, const Event& event = Tick) {
    now += time;
    return step(event);
  }
};

}  // namespace weir::support
