#include "media_svc/relay/replay_filter.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace weir::media::relay {
namespace {

using Times = std::vector<std::uint32_t>;

// Those that are new.
Times pass(ReplayFilter& filter, ReplayFilter::Track track, const Times& times) {
  Times passed;
  for (const std::uint32_t time : times) {
    if (filter.is_new(track, time)) passed.push_back(time);
  }
  return passed;
}

Times video(ReplayFilter& filter, const Times& times) {
  return pass(filter, ReplayFilter::Track::kVideo, times);
}

TEST(ReplayFilterTest, EverythingIsNewAtFirst) {
  ReplayFilter filter;
  filter.begin(1);
  const Times with_a_step_back{0, 40, 20, 20, 80};
  EXPECT_EQ(video(filter, with_a_step_back), with_a_step_back);
}

TEST(ReplayFilterTest, TheSamePublicationGoesOnWhereItStopped) {
  ReplayFilter filter;
  filter.begin(1);
  video(filter, {1000, 1040, 1080});
  filter.begin(1);
  EXPECT_EQ(video(filter, {1000, 1040, 1080, 1120, 1100}), (Times{1120, 1100}));
}

TEST(ReplayFilterTest, WhereSomeAreMissingItGoesOnAtTheKeyframe) {
  ReplayFilter filter;
  filter.begin(1);
  video(filter, {1000, 1040});
  filter.begin(1);
  const Times from_a_later_keyframe{2000, 2040};
  EXPECT_EQ(video(filter, from_a_later_keyframe), from_a_later_keyframe);
}

TEST(ReplayFilterTest, EachTrackHasItsOwnTimes) {
  ReplayFilter filter;
  filter.begin(1);
  video(filter, {1000, 1080});
  pass(filter, ReplayFilter::Track::kAudio, {1000, 1023});
  filter.begin(1);
  EXPECT_EQ(pass(filter, ReplayFilter::Track::kAudio, {1000, 1023, 1046}), Times{1046});
  EXPECT_EQ(video(filter, {1040, 1080, 1120}), Times{1120});
  EXPECT_EQ(pass(filter, ReplayFilter::Track::kOther, {1000}), Times{1000});
}

TEST(ReplayFilterTest, AnotherPublicationIsAllNew) {
  ReplayFilter filter;
  filter.begin(1);
  video(filter, {1000});
  filter.begin(2);
  EXPECT_EQ(video(filter, {0, 40}), (Times{0, 40}));
}

TEST(ReplayFilterTest, TimesWrapAndClocksAreSetBack) {
  ReplayFilter filter;
  filter.begin(1);
  video(filter, {0xFFFF'FFF0});
  filter.begin(1);
  EXPECT_EQ(video(filter, {0xFFFF'FFC8, 0xFFFF'FFF0, 0x18}), Times{0x18});
  filter.begin(1);
  constexpr std::uint32_t kFarBack = 0xFFFE'7978;
  EXPECT_EQ(video(filter, {kFarBack}), Times{kFarBack});
}

}  // namespace
}  // namespace weir::media::relay
