#include "common/clock.h"

namespace weir {

Now cut(std::chrono::steady_clock::time_point steady, std::chrono::system_clock::time_point wall) {
  const SteadyTime moment = std::chrono::floor<Duration>(steady);
  return {moment, std::chrono::round<Duration>(wall - (steady - moment))};
}

Now SystemClock::now() const {
  return cut(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
}

FakeClock::FakeClock(WallTime start) : now_{SteadyTime{std::chrono::hours{1}}, start} {}

Now FakeClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

void FakeClock::advance(Duration by) {
  const std::scoped_lock lock(mutex_);
  now_.steady += by;
  now_.wall += by;
}

void FakeClock::jump_wall(Duration by) {
  const std::scoped_lock lock(mutex_);
  now_.wall += by;
}

}  // namespace weir
