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
