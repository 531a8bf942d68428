#include "media_svc/hub/stream_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

class Diary final : public LogListener {
 public:
  void on_begin() override { lines.emplace_back("begin"); }
  void on_frames() override { lines.emplace_back("frames"); }
  void on_end(EndReason reason) override {
    lines.emplace_back(reason == EndReason::kReplaced ? "replaced" : "end");
  }
  std::vector<std::string> lines;
};

class StreamLogTest : public testing::Test {
 protected:
  void append(const FrameHandle& frame) { log_.append(1, frame, now_); }

  static constexpr std::size_t kBytes = 40'000;
  SteadyTime now_{seconds(100)};
  StreamLog log_{LogLimits{.bytes = kBytes, .history = seconds(5), .newest_gop = seconds(20)}};
};

TEST_F(StreamLogTest, IsBoundedInBytes) {
  log_.begin(1);
  append(key(1));
  for (int i = 1; i < 1'000; ++i) append(inter(1));
  EXPECT_LE(log_.bytes(), kBytes);
  EXPECT_GT(log_.bytes(), kBytes - StreamLog::held_bytes(*inter(1)));
  EXPECT_EQ(log_.end(), 1'000U);
}

// ffmpeg's fifo muxer begins anew at its first audio packet, in the middle of a GOP.
TEST_F(StreamLogTest, LeavesOutVideoBeforeTheFirstKeyframeOfEachPublication) {
  const auto kept_of = [this](PublicationId publication) {
    const Sequence begin = log_.end();
    log_.begin(publication);
    for (const FrameHandle& frame : {audio(1), inter(2), audio(3), inter(4), key(5), inter(6)}) {
      log_.append(publication, frame, now_);
    }
    std::vector<Seen> kept;
    for (Sequence next = begin; next < log_.end(); ++next) kept.push_back(seen(log_.at(next)));
    return kept;
  };
  const auto expected =
      ElementsAre(seen(*audio(1)), seen(*audio(3)), seen(*key(5)), seen(*inter(6)));
  EXPECT_THAT(kept_of(1), expected);
  EXPECT_THAT(kept_of(2), expected);
}

TEST_F(StreamLogTest, TakesVideoAnywhereWhereNoKeyframeComesForLong) {
  log_.begin(1);
  append(inter(1));
  now_ += seconds(21);
  append(inter(2));
  ASSERT_EQ(log_.end(), 1U);
  EXPECT_EQ(seen(log_.at(0)), seen(*inter(2)));
}

// A flood of empty frames is bounded, too.
TEST_F(StreamLogTest, CountsWhatAFrameCostsBesideItsPayload) {
  log_.begin(1);
  for (int i = 0; i < 1'000; ++i) append(Frame::make(flv::TagType::kAudio, 0, SharedBytes()));
  EXPECT_LE(log_.bytes(), kBytes);
  EXPECT_LE(log_.end() - log_.first(), kBytes / sizeof(Frame));
}

// Each keyframe keeps the configuration in force there.
TEST_F(StreamLogTest, CountsTheConfigurationsThatItsKeyframesKeep) {
  constexpr std::uint8_t kTracks = 100;
  const auto configure = [this](std::uint8_t track, std::uint8_t number) {
    append(track_start(support::Tracks::kOne, {{track, "", {number}}}));
  };
  log_.begin(1);
  for (std::uint8_t track = 0; track < kTracks; ++track) configure(track, 0);
  for (std::uint8_t number = 1; number < 100; ++number) {
    configure(0, number);
    append(key(number));
  }
  EXPECT_LE(log_.bytes(), kBytes);
  EXPECT_LE(log_.end() - log_.first(), 2 * kBytes / (kTracks * sizeof(flv::TrackSet)));
}

TEST_F(StreamLogTest, KeepsAFrameThatIsLargerThanTheLog) {
  log_.begin(1);
  append(inter(1));
  const support::Bytes large(kBytes, 5);
  append(
      Frame::make(flv::TagType::kVideo, 0, SharedBytes::copy_of(support::avc_frame(true, large))));
  EXPECT_EQ(log_.end() - log_.first(), 1U);
  EXPECT_EQ(log_.start(now_), log_.first());
}

TEST_F(StreamLogTest, IsBoundedInSecondsBeforeTheNewestKeyframe) {
  log_.begin(1);
  for (int second = 0; second < 30; ++second) {
    append(second % 2 == 0 ? key(1) : inter(2));
    now_ += seconds(1);
  }
  EXPECT_EQ(log_.end() - log_.first(), 6U);
}

TEST_F(StreamLogTest, KeepsTheNewestGopForLonger) {
  log_.begin(1);
  append(key(1));
  const Sequence keyframe = log_.first();
  for (int second = 0; second < 15; ++second) {
    now_ += seconds(1);
    append(inter(2));
  }
  EXPECT_EQ(log_.start(now_), keyframe);
  for (int second = 0; second < 15; ++second) {
    now_ += seconds(1);
    append(inter(2));
  }
  EXPECT_GT(log_.first(), keyframe);
  EXPECT_EQ(log_.start(now_), log_.end());
}

TEST_F(StreamLogTest, TellsItsListenerOncePerCommit) {
  Diary diary;
  log_.set_listener(&diary);
  log_.begin(1);
  append(key(1));
  append(inter(2));
  log_.commit(1);
  log_.commit(1);
  log_.end(1, EndReason::kCompleted);
  log_.end(1, EndReason::kCompleted);
  EXPECT_THAT(diary.lines, ElementsAre("begin", "frames", "end"));
}

TEST_F(StreamLogTest, CommitsWhatIsLeftBeforeTheEnd) {
  Diary diary;
  log_.set_listener(&diary);
  log_.begin(1);
  append(key(1));
  log_.end(1, EndReason::kCompleted);
  EXPECT_THAT(diary.lines, ElementsAre("begin", "frames", "end"));
}

TEST_F(StreamLogTest, LateNewsOfAReplacedPublicationChangesNothing) {
  Diary diary;
  log_.set_listener(&diary);
  log_.begin(1);
  log_.begin(2);
  append(key(1));
  log_.commit(1);
  log_.end(1, EndReason::kInterrupted);
  log_.begin(1);
  log_.begin(2);
  EXPECT_TRUE(log_.live());
  EXPECT_EQ(log_.end(), 0U);
  EXPECT_THAT(diary.lines, ElementsAre("begin", "replaced", "begin"));
}

TEST_F(StreamLogTest, LeavesOutARepeatedConfiguration) {
  log_.begin(1);
  append(metadata(1));
  append(video_configuration(1));
  append(audio_configuration(1));
  append(metadata(1));
  append(audio_configuration(1));
  append(video_configuration(1));
  EXPECT_EQ(log_.end(), 3U);
  append(video_configuration(2));
  append(metadata(2));
  EXPECT_EQ(log_.end(), 5U);
}

// Who came while there was another codec, or had its decoder end, needs it.
TEST_F(StreamLogTest, PassesOnAConfigurationThatIsInUseAgain) {
  log_.begin(1);
  append(audio_configuration(1));
  append(audio(1));
  append(Frame::make(flv::TagType::kAudio, 0, SharedBytes::copy_of(support::mp3_frame({1}))));
  const auto prelude = log_.prelude(*log_.start(now_), 0);
  EXPECT_TRUE(!prelude || prelude->empty());
  append(audio_configuration(1));
  EXPECT_EQ(log_.end(), 4U);
  append(audio_configuration(1));
  EXPECT_EQ(log_.end(), 4U);
  ASSERT_TRUE(log_.prelude(*log_.start(now_), 0));
}

// A keyframe keeps what was in force there, whatever follows.
TEST_F(StreamLogTest, WhoStartsBeforeAChangeOfCodecGetsTheOldConfiguration) {
  log_.begin(1);
  append(audio_configuration(1));
  append(key(1));
  append(Frame::make(flv::TagType::kAudio, 0, SharedBytes::copy_of(support::mp3_frame({1}))));
  ASSERT_TRUE(log_.prelude(*log_.start(now_), 0));
  EXPECT_EQ(log_.prelude(*log_.start(now_), 0)->size(), 1U);
  append(key(2));
  const auto prelude = log_.prelude(*log_.start(now_), 0);
  EXPECT_TRUE(!prelude || prelude->empty());
}

TEST_F(StreamLogTest, CountsTheConfigurationsOfCodecsThatComeAndGo) {
  constexpr std::uint8_t kTracks = 100;
  log_.begin(1);
  append(audio_configuration(1));
  for (std::uint8_t track = 0; track < kTracks; ++track) {
    append(track_start(support::Tracks::kOne, {{track, "", {1}}}));
  }
  for (int i = 0; i < 50; ++i) {
    append(Frame::make(flv::TagType::kAudio, 0, SharedBytes::copy_of(support::mp3_frame({1}))));
    append(audio(1));
  }
  EXPECT_LE(log_.bytes(), kBytes);
  EXPECT_LE(log_.end() - log_.first(), kBytes / (kTracks * sizeof(flv::TrackSet)));
}

TEST_F(StreamLogTest, StartsAtTheLowestTrackThatGoesOn) {
  log_.begin(1);
  append(track_video(true, 1, 1));
  EXPECT_TRUE(log_.is_start(*track_video(true, 1, 1), now_));
  append(track_video(true, 0, 2));
  EXPECT_FALSE(log_.is_start(*track_video(true, 1, 3), now_));
  EXPECT_FALSE(log_.is_start(*track_video(false, 0, 3), now_));
  EXPECT_TRUE(log_.is_start(*track_video(true, 0, 3), now_));
  append(track_video(true, 1, 3));
  EXPECT_EQ(log_.start(now_), 1U);
  // Neither without a word…
  for (int second = 0; second < 21; ++second) {
    now_ += seconds(1);
    append(track_video(true, 1, 4));
  }
  EXPECT_EQ(log_.start(now_), log_.end() - 1);
  EXPECT_EQ(seen(log_.at(log_.end() - 1)), (Seen{'k', 4}));
  append(track_video(true, 0, 5));
  append(track_video(true, 1, 6));
  EXPECT_EQ(log_.start(now_), log_.end() - 2);
  // … nor with one.
  append(track_end(0));
  append(track_video(true, 1, 7));
  EXPECT_EQ(log_.start(now_), log_.end() - 1);
}

// Its publisher comes back with other tracks, or with sound alone.
TEST_F(StreamLogTest, EachPublicationIsStartedByItsOwnPictures) {
  log_.begin(1);
  append(track_video(true, 0, 1));
  log_.end(1, EndReason::kInterrupted);
  log_.begin(2);
  log_.append(2, track_video(true, 1, 2), now_);
  EXPECT_EQ(log_.start(now_), log_.end() - 1);
  log_.end(2, EndReason::kInterrupted);
  log_.begin(3);
  log_.append(3, audio(3), now_);
  EXPECT_EQ(log_.start(now_), log_.end());
}

TEST_F(StreamLogTest, IsJoinedAnywhereOnceItsPicturesHaveLeftIt) {
  log_.begin(1);
  append(key(1));
  for (int i = 0; i < 300; ++i) append(audio(2));
  ASSERT_GT(log_.first(), 0U);
  EXPECT_EQ(log_.start(now_), log_.end());
}

TEST_F(StreamLogTest, PassesOnAConfigurationTooLargeToKeep) {
  log_.begin(1);
  const support::Bytes large(Configuration::kMaxBytes + 1, 5);
  append(Frame::make(flv::TagType::kVideo, 0,
                     SharedBytes::copy_of(support::avc_configuration(large))));
  append(key(1));
  EXPECT_EQ(log_.end(), 2U);
  const auto prelude = log_.prelude(*log_.start(now_), 0);
  EXPECT_TRUE(!prelude || prelude->empty());
}

}  // namespace
}  // namespace weir::media::hub
