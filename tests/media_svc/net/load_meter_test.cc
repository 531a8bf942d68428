#include "media_svc/net/load_meter.h"

#include <gtest/gtest.h>

#include <ctime>

namespace weir::media::net {
namespace {

// Uses the processor for `milliseconds`, however long that takes.
void burn(long milliseconds) {
  const auto used = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
  };
  for (const long until = used() + milliseconds; used() < until;) {
  }
}

TEST(LoadMeterTest, HasNoAnswerBeforeASecondLook) {
  LoadMeter meter;
  EXPECT_FALSE(meter.sample(SteadyTime{Duration{1'000}}));
  EXPECT_FALSE(meter.sample(SteadyTime{Duration{1'000}}));
}

// The clock is the caller's. Time spent waiting for a processor makes the share larger, so that
// only the lower bounds are sure.
TEST(LoadMeterTest, TellsTheShareOfTheTimeThatTheThreadCouldRun) {
  LoadMeter meter;
  meter.sample(SteadyTime{Duration{0}});
  burn(60);
  const auto busy = meter.sample(SteadyTime{Duration{100}});
  ASSERT_TRUE(busy);
  EXPECT_GE(*busy, 0.5);
  EXPECT_LE(*busy, 1);

  const auto idle = meter.sample(SteadyTime{Duration{1'000'000}});
  ASSERT_TRUE(idle);
  EXPECT_LT(*idle, 0.1);
}

}  // namespace
}  // namespace weir::media::net
