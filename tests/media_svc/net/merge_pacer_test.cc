#include "media_svc/net/merge_pacer.h"

#include <gtest/gtest.h>

namespace weir::media::net {
namespace {

constexpr Duration kMax{100};
constexpr double kBetween = (MergePacer::kBusy + MergePacer::kSpare) / 2;

// Samples of a load at which each write carried `frames_a_write` frames.
void observe(MergePacer& pacer, double load, int times, std::uint64_t frames_a_write = 1) {
  for (int i = 0; i < times; ++i) {
    pacer.wrote(frames_a_write, 300);
    pacer.observe(load);
  }
}

MergePacer at_most(Duration max) { return {Duration{0}, max}; }

// Has merged as much as it may.
MergePacer busy_one() {
  MergePacer pacer = at_most(kMax);
  observe(pacer, 0.9, 10);
  return pacer;
}

TEST(MergePacerTest, WritesAtOnceWhileThereIsTimeToSpare) {
  MergePacer pacer = at_most(kMax);
  observe(pacer, kBetween, 100);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, MergesMoreWithEachBusySampleUpToTheLimit) {
  MergePacer pacer = at_most(kMax);
  Duration before{0};
  for (int i = 0; i < 5; ++i) {
    pacer.observe(0.9);
    EXPECT_GT(pacer.interval(), before);
    before = pacer.interval();
  }
  observe(pacer, 0.9, 5);
  EXPECT_EQ(pacer.interval(), kMax);
}

TEST(MergePacerTest, StandsStillBetweenBusyAndSpare) {
  MergePacer pacer = at_most(kMax);
  observe(pacer, 0.9, 3);
  const Duration reached = pacer.interval();
  observe(pacer, kBetween, 100);
  EXPECT_EQ(pacer.interval(), reached);
}

TEST(MergePacerTest, StandsStillWhereTwiceTheWritesWouldBeTooMany) {
  MergePacer pacer = busy_one();
  observe(pacer, MergePacer::kSpare * 0.6, 100, 8);
  EXPECT_EQ(pacer.interval(), kMax);
  observe(pacer, MergePacer::kSpare * 0.4, MergePacer::kCalmSamples, 8);
  EXPECT_EQ(pacer.interval(), kMax / 2);
}

TEST(MergePacerTest, GoesBackWhereMergingSavesNothing) {
  MergePacer pacer = busy_one();
  // Hardly any two frames go together: as many writes at any interval.
  observe(pacer, MergePacer::kSpare * 0.9, 10 * MergePacer::kCalmSamples);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, GoesBackOnlyWhenItStaysCalm) {
  MergePacer pacer = busy_one();
  for (int i = 0; i < 10; ++i) {
    observe(pacer, 0.01, MergePacer::kCalmSamples - 1);
    observe(pacer, kBetween, 1);
  }
  EXPECT_EQ(pacer.interval(), kMax);
  observe(pacer, 0.01, 10 * MergePacer::kCalmSamples);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, NeverMergesWithALimitOfZero) {
  MergePacer pacer = at_most(Duration{0});
  observe(pacer, 1.0, 100);
  EXPECT_EQ(pacer.interval(), Duration{0});
}

TEST(MergePacerTest, AlwaysMergesAsLongAsItIsTold) {
  MergePacer pacer(Duration{40}, kMax);
  observe(pacer, 0.01, 100);
  EXPECT_EQ(pacer.interval(), Duration{40});
  observe(pacer, 0.9, 10);
  EXPECT_EQ(pacer.interval(), kMax);
  observe(pacer, 0.01, 100);
  EXPECT_EQ(pacer.interval(), Duration{40});
}

}  // namespace
}  // namespace weir::media::net
