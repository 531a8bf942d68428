#include "media_svc/hub/configuration.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/media_svc/hub/frames.h"

namespace weir::media::hub {
namespace {

using support::Tracks;

std::vector<SharedBytes> payloads(const Configuration& configuration) {
  std::vector<SharedBytes> all;
  for (const FrameHandle& frame : configuration.frames_at(0)) all.push_back(frame->payload());
  return all;
}

TEST(Configuration, KeepsTheNewestOfEachKind) {
  Configuration configuration;
  configuration.take(video_configuration(1));
  configuration.take(audio_configuration(1));
  configuration.take(metadata(1));
  configuration.take(video_configuration(2));
  EXPECT_EQ(payloads(configuration),
            (std::vector{metadata(1)->payload(), audio_configuration(1)->payload(),
                         video_configuration(2)->payload()}));
}

TEST(Configuration, KeepsOneForEachTrack) {
  Configuration configuration;
  const auto first = track_start(Tracks::kOne, {{0, "", {1}}});
  const auto second = track_start(Tracks::kOne, {{1, "", {2}}});
  const auto second_again = track_start(Tracks::kOne, {{1, "", {3}}});
  configuration.take(first);
  configuration.take(second);
  configuration.take(second_again);
  EXPECT_EQ(payloads(configuration), (std::vector{first->payload(), second_again->payload()}));
}

TEST(Configuration, ATagOfManyTracksIsReplacedByItsEqualNotByAPart) {
  Configuration configuration;
  const auto both = track_start(Tracks::kMany, {{0, "", {1}}, {1, "", {2}}});
  const auto part = track_start(Tracks::kOne, {{1, "", {3}}});
  const auto both_again = track_start(Tracks::kMany, {{0, "", {4}}, {1, "", {5}}});
  configuration.take(both);
  configuration.take(part);
  EXPECT_EQ(payloads(configuration), (std::vector{both->payload(), part->payload()}));
  configuration.take(both_again);
  EXPECT_EQ(payloads(configuration), (std::vector{both_again->payload()}));
}

TEST(Configuration, KeepsABoundedNumberOfFrames) {
  Configuration configuration;
  for (int first = 0; first < 50; ++first) {
    for (int second = first + 1; second < 50; ++second) {
      const std::vector<support::ExTrack> pair{{static_cast<std::uint8_t>(first), "", {1}},
                                               {static_cast<std::uint8_t>(second), "", {1}}};
      configuration.take(track_start(Tracks::kMany, pair));
    }
  }
  EXPECT_EQ(payloads(configuration).size(), Configuration::kMaxFrames);
}

FrameHandle sound(const support::Bytes& body) {
  return Frame::make(flv::TagType::kAudio, 0, SharedBytes::copy_of(body));
}

FrameHandle picture(std::string_view four_cc, std::uint8_t packet) {
  return Frame::make(flv::TagType::kVideo, 0,
                     SharedBytes::copy_of(support::ex_video(four_cc, packet, true, {1})));
}

TEST(Configuration, IsNotForACodecThatNeedsNone) {
  Configuration configuration;
  configuration.take(video_configuration(1));
  configuration.take(audio_configuration(1));
  const auto mp3 = sound(support::mp3_frame({1, 2}));
  ASSERT_TRUE(configuration.is_changed_by(*mp3));
  configuration.follow(*mp3);
  EXPECT_FALSE(configuration.is_changed_by(*mp3));
  EXPECT_EQ(payloads(configuration), (std::vector{video_configuration(1)->payload()}));
  // Whoever came meanwhile has to be told once more.
  EXPECT_FALSE(configuration.knows(*audio_configuration(1)));
  configuration.take(audio_configuration(1));
  EXPECT_TRUE(configuration.knows(*audio_configuration(1)));
  EXPECT_EQ(payloads(configuration).size(), 2U);
}

// One odd frame, and what is not understood, end nothing.
TEST(Configuration, IsInUseAgainWithItsCodec) {
  Configuration configuration;
  configuration.take(audio_configuration(1));
  EXPECT_FALSE(configuration.is_changed_by(*sound({})));
  EXPECT_FALSE(configuration.is_changed_by(*sound(support::ex_audio("none", 1, {1}))));
  EXPECT_FALSE(configuration.is_changed_by(*audio(1)));
  configuration.follow(*sound(support::mp3_frame({1})));
  EXPECT_EQ(payloads(configuration).size(), 0U);
  configuration.follow(*audio(1));
  EXPECT_EQ(payloads(configuration).size(), 1U);
}

TEST(Configuration, EndsWithItsSequence) {
  Configuration configuration;
  const auto start = picture("hvc1", support::packet::kSequenceStart);
  const auto colours = picture("hvc1", support::packet::kVideoMetadata);
  configuration.take(start);
  configuration.take(colours);
  configuration.take(audio_configuration(1));
  configuration.follow(*picture("hvc1", support::packet::kSequenceEnd));
  EXPECT_EQ(payloads(configuration), (std::vector{audio_configuration(1)->payload()}));
  EXPECT_FALSE(configuration.knows(*start));
}

TEST(Configuration, ColoursOfAnotherCodecGoWithIt) {
  Configuration configuration;
  configuration.take(picture("hvc1", support::packet::kSequenceStart));
  configuration.take(picture("hvc1", support::packet::kVideoMetadata));
  configuration.take(video_configuration(1));
  EXPECT_EQ(payloads(configuration), (std::vector{video_configuration(1)->payload()}));
  // New ones may come before their sequence header; what is shown is still the old codec's.
  const auto next = picture("av01", support::packet::kVideoMetadata);
  configuration.take(next);
  EXPECT_EQ(payloads(configuration),
            (std::vector{video_configuration(1)->payload(), next->payload()}));
  configuration.take(picture("av01", support::packet::kSequenceStart));
  EXPECT_EQ(
      payloads(configuration),
      (std::vector{next->payload(), picture("av01", support::packet::kSequenceStart)->payload()}));
}

TEST(Configuration, ATrackOfManyThatGoesOnOtherwiseLeavesTheOthers) {
  const auto of_track = [](std::uint8_t track, const char* four_cc, std::uint8_t packet) {
    support::ExTag tag;
    tag.packet = packet;
    tag.four_cc = four_cc;
    tag.form = Tracks::kOne;
    tag.tracks = {{track, "", {1}}};
    return Frame::make(flv::TagType::kVideo, 0, SharedBytes::copy_of(ex_tag(tag)));
  };
  Configuration configuration;
  const auto both = track_start(Tracks::kManyWithCodecs, {{0, "avc1", {1}}, {1, "hvc1", {2}}});
  configuration.take(both);
  EXPECT_FALSE(configuration.is_changed_by(*of_track(1, "hvc1", support::packet::kCodedFrames)));
  configuration.follow(*of_track(1, "av01", support::packet::kCodedFrames));
  EXPECT_EQ(payloads(configuration), (std::vector{both->payload()}));
  EXPECT_FALSE(configuration.knows(*both));
  configuration.follow(*of_track(0, "avc1", support::packet::kSequenceEnd));
  EXPECT_EQ(payloads(configuration).size(), 0U);
}

TEST(Configuration, ColoursDoNotReplaceTheSequenceHeader) {
  Configuration configuration;
  const auto frame = [](std::uint8_t packet) {
    return Frame::make(flv::TagType::kVideo, 0,
                       SharedBytes::copy_of(support::ex_video("hvc1", packet, true, {1})));
  };
  configuration.take(frame(support::packet::kSequenceStart));
  configuration.take(frame(support::packet::kVideoMetadata));
  EXPECT_EQ(payloads(configuration).size(), 2U);
  EXPECT_TRUE(configuration.knows(*frame(support::packet::kVideoMetadata)));
  EXPECT_TRUE(configuration.knows(*frame(support::packet::kSequenceStart)));
}

}  // namespace
}  // namespace weir::media::hub
