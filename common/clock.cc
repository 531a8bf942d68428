#include "common/clock.h"

namespace weir {

Now SystemClock::now() const {
  return {std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()),
          std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
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
