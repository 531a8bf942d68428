// Time as a value: rules and protocols are given `Now`, only process edges hold a Clock.
#pragma once

#include <chrono>
#include <mutex>

namespace weir {

using Duration = std::chrono::milliseconds;
// For deadlines and intervals. Never goes backwards; means nothing outside this process.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// For what people and other processes read. May jump.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// One moment on both clocks, read together.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

// Both cut to the steady clock's millisecond: as long as neither is set, wall and steady keep their
// distance, and a moment that is told in the other clock's time is the same whenever it is told.
Now cut(std::chrono::steady_clock::time_point steady, std::chrono::system_clock::time_point wall);

// Read by whoever starts an operation, from any thread; the rules below get the value.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Now now() const override;
};

// Stands still until moved. For tests and simulations; safe from any thread.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime start = WallTime{std::chrono::hours{24 * 365 * 50}});
  Now now() const override;
  // Both clocks go on together, as time does.
  void advance(Duration by);
  // Only the wall clock moves, as when an administrator or NTP sets it.
  void jump_wall(Duration by);

 private:
  mutable std::mutex mutex_;
  Now now_;
};

}  // namespace weir
