#include "media_svc/net/merge_pacer.h"

#include <gtest/gtest.h>

namespace weir::media::net {
namespace {

constexpr double kBetween = (MergePacer::kBusy + MergePacer::kSpare) / 2;

void observe(MergePacer& pacer, double load, int times) {
  for (int i = 0; i < times; ++i) pacer.observe(load);
}

TEST(MergePacerTest, WritesAtOnceWhileThereIsTimeToSpare) {
  MergePacer pacer(Duration{100});
  observe(pacer, kBetween, 100);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, MergesMoreWithEachBusySampleUpToTheLimit) {
  MergePacer pacer(Duration{100});
  Duration before{0};
  for (int i = 0; i < 5; ++i) {
    pacer.observe(0.9);
    EXPECT_GT(pacer.interval(), before);
    before = pacer.interval();
  }
  observe(pacer, 0.9, 5);
  EXPECT_EQ(pacer.interval(), Duration{100});
}

TEST(MergePacerTest, StandsStillBetweenBusyAndSpare) {
  MergePacer pacer(Duration{100});
  observe(pacer, 0.9, 3);
  const Duration reached = pacer.interval();
  observe(pacer, kBetween, 100);
  EXPECT_EQ(pacer.interval(), reached);
}

TEST(MergePacerTest, GoesBackOnlyWhenItStaysCalm) {
  MergePacer pacer(Duration{100});
  observe(pacer, 0.9, 10);
  for (int i = 0; i < 10; ++i) {
    observe(pacer, 0.01, MergePacer::kCalmSamples - 1);
    pacer.observe(kBetween);
  }
  EXPECT_EQ(pacer.interval(), Duration{100});
  observe(pacer, 0.01, 10 * MergePacer::kCalmSamples);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, NeverMergesWithALimitOfZero) {
  MergePacer pacer(Duration{0});
  observe(pacer, 1.0, 100);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

}  // namespace
}  // namespace weir::media::net
