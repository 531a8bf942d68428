#include "tests/load/synthetic_media.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "media_svc/flv/tag.h"

namespace weir::load {
namespace {

namespace flv = media::flv;
using media::rtmp::MessageType;
using std::chrono::milliseconds;

std::uint64_t body_bits(const MediaScript& script) {
  std::uint64_t bytes = 0;
  for (const ScriptFrame& frame : script.frames) bytes += stamped(frame, {}).size();
  return bytes * 8;
}

TEST(SyntheticMedia, HasTheBitRateThatIsAskedFor) {
  for (const std::uint64_t bit_rate : {500'000u, 2'650'000u, 20'000'000u}) {
    const MediaScript script = make_script({.bit_rate = bit_rate});
    const double seconds = std::chrono::duration<double>(script.length).count();
    const double rate = static_cast<double>(body_bits(script)) / seconds;
    EXPECT_NEAR(rate / static_cast<double>(bit_rate), 1, 0.01);
  }
}

TEST(SyntheticMedia, StartsWithConfigurationThatServersUnderstand) {
  const MediaScript script = make_script({});
  ASSERT_EQ(script.preamble.size(), 3u);
  EXPECT_EQ(script.preamble[0].type, MessageType::kDataAmf0);
  const auto video = flv::classify(flv::TagType::kVideo, script.preamble[1].body);
  EXPECT_EQ(video.role, flv::TagRole::kConfiguration);
  EXPECT_EQ(video.codec, flv::Codec::kH264);
  const auto audio = flv::classify(flv::TagType::kAudio, script.preamble[2].body);
  EXPECT_EQ(audio.role, flv::TagRole::kConfiguration);
  EXPECT_EQ(audio.codec, flv::Codec::kAac);
}

TEST(SyntheticMedia, HasAKeyframeAtEveryIntervalAndInOrderOfTime) {
  const MediaScript script =
      make_script({.frames_per_second = 25, .keyframe_interval = milliseconds(1000)});
  EXPECT_TRUE(std::ranges::is_sorted(script.frames, {}, &ScriptFrame::time));
  milliseconds next{0};
  int video = 0;
  for (const ScriptFrame& frame : script.frames) {
    video += frame.type == MessageType::kVideo;
    if (!frame.keyframe) continue;
    EXPECT_EQ(frame.time, next);
    EXPECT_EQ(flv::classify(flv::TagType::kVideo, frame.body).role, flv::TagRole::kKeyframe);
    next += milliseconds(1000);
  }
  EXPECT_EQ(next, script.length);
  EXPECT_EQ(video * 40, script.length.count());
}

TEST(SyntheticMedia, CanDoWithoutAudioAndWithHardlyAnyBits) {
  const MediaScript script = make_script({.bit_rate = 1000, .audio_bit_rate = 0});
  EXPECT_EQ(script.preamble.size(), 2u);
  for (const ScriptFrame& frame : script.frames) {
    EXPECT_EQ(frame.type, MessageType::kVideo);
    EXPECT_TRUE(read_stamp(stamped(frame, Time{})));
  }
}

}  // namespace
}  // namespace weir::load
