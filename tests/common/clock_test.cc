#include "common/clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using std::chrono::seconds;

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
