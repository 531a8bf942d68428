#include "common/log/repeat_limiter.h"

#include <gtest/gtest.h>

namespace weir::log {
namespace {

using namespace std::chrono_literals;

TEST(RepeatLimiter, LeavesOutAndCountsWithinASecond) {
  RepeatLimiter limiter;
  FakeClock clock;
  const RepeatLimiter::Place place{"a.cc", 1};
  for (std::uint32_t n = 0; n < RepeatLimiter::kLinesPerSecond; ++n) {
    EXPECT_EQ(limiter.pass(place, clock.now().steady), 0);
  }
  for (int n = 0; n < 7; ++n) EXPECT_EQ(limiter.pass(place, clock.now().steady), std::nullopt);
  clock.advance(999ms);
  EXPECT_EQ(limiter.pass(place, clock.now().steady), std::nullopt);
  clock.advance(1ms);
  EXPECT_EQ(limiter.pass(place, clock.now().steady), 8);
  EXPECT_EQ(limiter.pass(place, clock.now().steady), 0);
}

TEST(RepeatLimiter, PlacesDoNotShareTheirBound) {
  RepeatLimiter limiter;
  const FakeClock clock;
  const char* file = "a.cc";
  while (limiter.pass({file, 1}, clock.now().steady)) {
  }
  EXPECT_EQ(limiter.pass({file, 2}, clock.now().steady), 0);
}

}  // namespace
}  // namespace weir::log
