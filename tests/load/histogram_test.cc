#include "tests/load/histogram.h"

#include <gtest/gtest.h>

namespace weir::load {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(Histogram, HasNoPercentilesWithoutValues) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.percentile(0.5), nanoseconds{0});
  EXPECT_EQ(histogram.max(), nanoseconds{0});
}

TEST(Histogram, IsExactForSmallValuesAndForTheLargest) {
  Histogram histogram;
  for (int i = 1; i <= 60; ++i) histogram.record(nanoseconds{i});
  histogram.record(nanoseconds{123'456'789});
  EXPECT_EQ(histogram.percentile(0.5), nanoseconds{31});
  EXPECT_EQ(histogram.max(), nanoseconds{123'456'789});
  EXPECT_EQ(histogram.percentile(1), nanoseconds{123'456'789});
}

TEST(Histogram, IsRightToOneClassForEveryMagnitude) {
  for (std::int64_t value = 1; value < (std::int64_t{1} << 60); value = value * 3 + 1) {
    Histogram histogram;
    histogram.record(nanoseconds{value});
    histogram.record(nanoseconds::max());
    const auto median = histogram.percentile(0.5).count();
    EXPECT_GE(median, value);
    EXPECT_LE(median, value + value / 64 + 1);
  }
}

TEST(Histogram, PutsTheTailWhereItBelongs) {
  Histogram histogram;
  for (int i = 0; i < 990; ++i) histogram.record(microseconds{200});
  for (int i = 0; i < 10; ++i) histogram.record(microseconds{90'000});
  EXPECT_LT(histogram.percentile(0.99), microseconds{210});
  EXPECT_GT(histogram.percentile(0.995), microseconds{89'000});
}

TEST(Histogram, TakesATimeThatRanBackwardsAsNone) {
  Histogram histogram;
  histogram.record(nanoseconds{-5});
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.max(), nanoseconds{0});
}

}  // namespace
}  // namespace weir::load
