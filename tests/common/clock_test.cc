#include "common/clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(Clock, BothKeepTheirDistanceWhereverInAMillisecondTheyAreRead) {
  const std::chrono::steady_clock::time_point steady{microseconds{7'000'100}};
  const std::chrono::system_clock::time_point wall{microseconds{900'000'700}};
  const Now start = cut(steady, wall);
  for (const microseconds later : {microseconds{200}, microseconds{400}, microseconds{950}}) {
    const Now now = cut(steady + later, wall + later);
    EXPECT_EQ(now.wall - now.steady.time_since_epoch(),
              start.wall - start.steady.time_since_epoch())
        << later.count() << " us later";
  }
}

TEST(FakeClock, StandsStillUntilMoved) {
  FakeClock clock;
  const Now start = clock.now();
  EXPECT_EQ(clock.now().steady, start.steady);
  clock.advance(seconds{3});
  EXPECT_EQ(clock.now().steady - start.steady, seconds{3});
  EXPECT_EQ(clock.now().wall - start.wall, seconds{3});
}

TEST(FakeClock, AWallJumpLeavesDeadlinesAlone) {
  FakeClock clock;
  const Now start = clock.now();
  clock.jump_wall(-std::chrono::hours{1});
  EXPECT_EQ(clock.now().steady, start.steady);
  EXPECT_EQ(clock.now().wall - start.wall, -std::chrono::hours{1});
}

}  // namespace
}  // namespace weir
