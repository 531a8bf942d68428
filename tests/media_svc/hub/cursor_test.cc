#include "media_svc/hub/cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "media_svc/hub/stream_log.h"
#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class CursorTest : public testing::Test {
 protected:
  CursorTest() { log_.begin(1); }

  void append(const FrameHandle& frame) {
    log_.append(1, frame, now_);
    log_.commit(1);
  }
  Cursor join() const { return {log_, now_}; }

  // Everything that is there, a few frames at a time.
  std::vector<Seen> drain(Cursor& cursor) const {
    std::vector<Seen> all;
    std::array<const Frame*, 3> frames{};
    while (const std::size_t count = cursor.peek(frames, now_)) {
      for (std::size_t i = 0; i < count; ++i) all.push_back(seen(*frames[i]));
      cursor.consume(count);
    }
    return all;
  }

  // It had the first frames; since then more have come than are kept.
  Cursor left_behind() {
    append(video_configuration(1));
    append(key(2));
    Cursor cursor = join();
    drain(cursor);
    for (std::uint8_t picture = 0; picture < 200; ++picture) {
      append(picture % 25 == 0 ? key(picture) : inter(picture));
    }
    return cursor;
  }

  SteadyTime now_{seconds(100)};
  StreamLog log_{LogLimits{.bytes = 10'000 / kFrameBytes * StreamLog::held_bytes(*inter(0)),
                           .history = seconds(5),
                           .newest_gop = seconds(60)}};
};

TEST_F(CursorTest, JoinsAtTheNewestKeyframeWithMetadataAndConfigurationFirst) {
  append(audio_configuration(1));
  append(video_configuration(2));
  append(metadata(0));
  append(key(3));
  append(inter(4));
  append(key(5));
  append(audio(6));
  append(inter(7));
  Cursor cursor = join();
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'m', 0}, Seen{'A', 1}, Seen{'V', 2}, Seen{'k', 5},
                                         Seen{'a', 6}, Seen{'i', 7}));
  append(inter(8));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'i', 8}));
  EXPECT_EQ(cursor.skipped(), 0U);
}

TEST_F(CursorTest, GivesTheConfigurationTheTimeOfTheKeyframe) {
  append(video_configuration(1));
  append(key(2, 3'600'000));
  Cursor cursor = join();
  std::array<const Frame*, 2> frames{};
  ASSERT_EQ(cursor.peek(frames, now_), 2U);
  EXPECT_EQ(frames[0]->timestamp(), 3'600'000U);
  EXPECT_EQ(frames[1]->timestamp(), 3'600'000U);
}

TEST_F(CursorTest, ViewersOfOneKeyframeShareItsPrelude) {
  append(video_configuration(1));
  append(key(2));
  Cursor first = join();
  Cursor second = join();
  std::array<const Frame*, 1> of_first{};
  std::array<const Frame*, 1> of_second{};
  first.peek(of_first, now_);
  second.peek(of_second, now_);
  EXPECT_EQ(of_first[0], of_second[0]);
}

TEST_F(CursorTest, WaitsForTheFirstKeyframe) {
  append(video_configuration(1));
  append(inter(2));
  Cursor cursor = join();
  EXPECT_FALSE(cursor.position());
  EXPECT_THAT(drain(cursor), IsEmpty());
  append(inter(3));
  EXPECT_THAT(drain(cursor), IsEmpty());
  append(key(4));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'V', 1}, Seen{'k', 4}));
  EXPECT_EQ(cursor.skipped(), 0U);
}

TEST_F(CursorTest, JoinsAtAKeyframeOfTheLowestTrack) {
  append(track_video(true, 2, 1));
  append(track_video(true, 1, 2));
  append(track_video(false, 1, 3));
  append(track_video(true, 2, 4));
  Cursor cursor = join();
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'k', 2}, Seen{'i', 3}, Seen{'k', 4}));
}

TEST_F(CursorTest, JoinsAudioAloneAtTheEnd) {
  append(audio_configuration(1));
  append(audio(2, 500));
  Cursor cursor = join();
  append(audio(3));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'A', 1}, Seen{'a', 3}));
}

TEST_F(CursorTest, JoinsVideoAlone) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'V', 1}, Seen{'k', 2}));
}

TEST_F(CursorTest, JoinsAnywhereWhereKeyframesStayAway) {
  append(key(1));
  for (int second = 0; second < 70; ++second) {
    now_ += seconds(1);
    append(inter(2));
  }
  Cursor cursor = join();
  EXPECT_THAT(drain(cursor), IsEmpty());
  append(inter(3));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'i', 3}));
}

TEST_F(CursorTest, JoinsAtTheEndOnceTheVideoHasStopped) {
  append(key(1));
  for (int second = 0; second < 70; ++second) {
    now_ += seconds(1);
    append(audio(2));
  }
  Cursor cursor = join();
  append(audio(3));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'a', 3}));
}

TEST_F(CursorTest, WaitsBeforePublishAndGetsAllFromTheFirstFrame) {
  StreamLog log{LogLimits{}};
  Cursor cursor(log, now_);
  EXPECT_THAT(drain(cursor), IsEmpty());
  log.begin(7);
  log.append(7, metadata(0), now_);
  log.append(7, video_configuration(1), now_);
  log.append(7, key(2), now_);
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'m', 0}, Seen{'V', 1}, Seen{'k', 2}));
}

TEST_F(CursorTest, GoesOnWithARepublish) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  drain(cursor);
  append(inter(3));
  log_.end(1, EndReason::kCompleted);
  Cursor late = join();
  log_.begin(2);
  // The same configuration, but of another publication: it is sent again.
  log_.append(2, video_configuration(1), now_);
  log_.append(2, key(4), now_);
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'i', 3}, Seen{'V', 1}, Seen{'k', 4}));
  EXPECT_THAT(drain(late), ElementsAre(Seen{'V', 1}, Seen{'k', 4}));
}

TEST_F(CursorTest, JoinedWithoutAKeyframeGoesOnWithARepublish) {
  append(inter(1));
  Cursor cursor = join();
  log_.end(1, EndReason::kInterrupted);
  EXPECT_THAT(drain(cursor), IsEmpty());
  log_.begin(2);
  log_.append(2, video_configuration(2), now_);
  log_.append(2, inter(3), now_);
  EXPECT_THAT(drain(cursor), IsEmpty());
  log_.append(2, key(4), now_);
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'V', 2}, Seen{'k', 4}));
}

TEST_F(CursorTest, JumpsToTheNewestKeyframeWhenLeftBehind) {
  Cursor cursor = left_behind();
  EXPECT_FALSE(cursor.position());
  const auto frames = drain(cursor);
  ASSERT_EQ(frames.size(), 25U);
  EXPECT_EQ(frames.front(), (Seen{'k', 175}));
  EXPECT_EQ(cursor.skipped(), 175U);
}

TEST_F(CursorTest, RestartsAtTheNewestKeyframeAndForgetsNoSkip) {
  Cursor cursor = left_behind();
  drain(cursor);
  ASSERT_EQ(cursor.skipped(), 175U);
  append(key(201));
  append(inter(202));
  drain(cursor);
  append(inter(203));
  cursor.restart(now_);
  EXPECT_THAT(drain(cursor),
              ElementsAre(Seen{'V', 1}, Seen{'k', 201}, Seen{'i', 202}, Seen{'i', 203}));
  EXPECT_EQ(cursor.skipped(), 175U);
}

TEST_F(CursorTest, RestartsWithNothingLaggingAlsoOnceTheStreamIsOver) {
  append(key(1));
  Cursor cursor = join();
  now_ += seconds(10);
  EXPECT_EQ(cursor.lag(now_), seconds(10));
  cursor.restart(now_);
  EXPECT_EQ(cursor.lag(now_), seconds(0));
  now_ += seconds(10);
  EXPECT_EQ(cursor.lag(now_), seconds(10));
  log_.end(1, EndReason::kInterrupted);
  cursor.restart(now_);
  EXPECT_EQ(cursor.lag(now_), seconds(0));
}

TEST_F(CursorTest, OfSoundAloneIsNotSentTheConfigurationAgain) {
  append(audio_configuration(1));
  append(audio(2));
  Cursor cursor = join();
  append(audio(3));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'A', 1}, Seen{'a', 3}));
  for (std::uint8_t sound = 0; sound < 200; ++sound) append(audio(sound));
  EXPECT_THAT(drain(cursor), IsEmpty());
  EXPECT_EQ(cursor.skipped(), 200U);
  append(audio(7));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'a', 7}));
}

TEST_F(CursorTest, RestartsWithoutTheConfigurationOfAStreamThatIsOver) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  log_.end(1, EndReason::kCompleted);
  cursor.restart(now_);
  EXPECT_THAT(drain(cursor), IsEmpty());
}

TEST_F(CursorTest, IsSentTheConfigurationAgainWhenItJumpsOverAChange) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  drain(cursor);
  append(inter(3));
  append(video_configuration(9));
  for (std::uint8_t picture = 0; picture < 200; ++picture) {
    append(picture % 25 == 0 ? key(picture) : inter(picture));
  }
  const auto frames = drain(cursor);
  ASSERT_EQ(frames.size(), 26U);
  EXPECT_EQ(frames[0], (Seen{'V', 9}));
  EXPECT_EQ(frames[1], (Seen{'k', 175}));
}

TEST_F(CursorTest, IsSentTheConfigurationThatItWasOwedWhenItWasLeftBehind) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  for (std::uint8_t picture = 0; picture < 200; ++picture) {
    append(picture % 25 == 0 ? key(picture) : inter(picture));
  }
  const auto frames = drain(cursor);
  ASSERT_EQ(frames.size(), 26U);
  EXPECT_EQ(frames[0], (Seen{'V', 1}));
}

TEST_F(CursorTest, SeesAChangeOfConfigurationInItsPlace) {
  append(video_configuration(1));
  append(key(2));
  Cursor cursor = join();
  drain(cursor);
  append(video_configuration(1));
  append(inter(3));
  append(video_configuration(4));
  append(key(5));
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'i', 3}, Seen{'V', 4}, Seen{'k', 5}));
}

TEST_F(CursorTest, JoinsAKeyframeWithTheConfigurationOfThatTime) {
  append(video_configuration(1));
  append(key(2));
  append(inter(3));
  append(video_configuration(4));
  Cursor cursor = join();
  EXPECT_THAT(drain(cursor), ElementsAre(Seen{'V', 1}, Seen{'k', 2}, Seen{'i', 3}, Seen{'V', 4}));
}

TEST_F(CursorTest, SharesItsPlaceWithOthersAtTheHead) {
  append(video_configuration(1));
  append(key(2));
  Cursor early = join();
  EXPECT_FALSE(early.position()) << "the configuration is still to be sent";
  drain(early);
  append(inter(3));
  Cursor late = join();
  drain(early);
  drain(late);
  EXPECT_EQ(early.position(), log_.end());
  EXPECT_EQ(late.position(), log_.end());
}

TEST_F(CursorTest, LagCountsFromWhenTheNextFrameCouldHaveBeenSent) {
  append(key(1));
  now_ += seconds(3);
  Cursor cursor = join();
  EXPECT_EQ(cursor.lag(now_), milliseconds(0)) << "a joiner is not late for what was before it";
  now_ += seconds(2);
  EXPECT_EQ(cursor.lag(now_), seconds(2));
  drain(cursor);
  EXPECT_EQ(cursor.lag(now_), milliseconds(0));
  now_ += seconds(4);
  EXPECT_EQ(cursor.lag(now_), milliseconds(0)) << "nothing waits";
  append(inter(2));
  now_ += seconds(1);
  EXPECT_EQ(cursor.lag(now_), seconds(1));
}

TEST_F(CursorTest, LagOutlivesTheFrameThatWaits) {
  append(key(1));
  Cursor cursor = join();
  for (int second = 0; second < 30; ++second) {
    for (int picture = 0; picture < 25; ++picture) append(picture == 0 ? key(1) : inter(2));
    now_ += seconds(1);
  }
  EXPECT_EQ(cursor.lag(now_), seconds(30));
  drain(cursor);
  EXPECT_EQ(cursor.lag(now_), milliseconds(0));
}

TEST_F(CursorTest, PeekMovesNothing) {
  append(key(1));
  append(inter(2));
  Cursor cursor = join();
  std::array<const Frame*, 8> frames{};
  EXPECT_EQ(cursor.peek(frames, now_), 2U);
  EXPECT_EQ(cursor.peek(frames, now_), 2U);
  cursor.consume(1);
  EXPECT_EQ(cursor.peek(frames, now_), 1U);
  EXPECT_EQ(seen(*frames[0]), (Seen{'i', 2}));
}

}  // namespace
}  // namespace weir::media::hub
