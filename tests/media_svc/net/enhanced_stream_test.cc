// Streams of every form, published and played by ClientSession: what arrives is what was sent, byte
// for byte, for a player that was there and for one that joins late.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/media_svc/net/service_fixture.h"
#include "tests/support/tag_generator.h"

namespace weir::media::testing {
namespace {

using flv::TagRole;
using flv::TagType;
using rtmp::ClientMedia;
using rtmp::ClientStarted;
using rtmp::MessageType;
using support::StreamShape;
using support::TimedTag;
using support::Tracks;

struct Form {
  std::string name;
  StreamShape shape;
};

StreamShape shape_of(const std::string& video, const std::string& audio) {
  StreamShape shape;
  shape.video = video;
  shape.audio = audio;
  shape.extended = true;
  return shape;
}

std::vector<Form> forms() {
  std::vector<Form> all;
  all.push_back({"Old", {}});
  all.push_back({"Hevc", shape_of("hvc1", "mp4a")});
  all.push_back({"Av1Opus", shape_of("av01", "Opus")});
  all.push_back({"Vp9Flac", shape_of("vp09", "fLaC")});
  all.push_back({"VvcAc3", shape_of("vvc1", "ac-3")});
  all.push_back({"VideoOnly", shape_of("hvc1", "")});
  all.push_back({"AudioOnly", shape_of("", "Opus")});
  StreamShape nanoseconds = shape_of("hvc1", "mp4a");
  nanoseconds.with_nanoseconds = true;
  all.push_back({"Nanoseconds", nanoseconds});
  StreamShape tracks = shape_of("av01", "Opus");
  tracks.video_tracks = 3;
  all.push_back({"ManyTracks", tracks});
  tracks.form = Tracks::kManyWithCodecs;
  all.push_back({"ManyTracksWithCodecs", tracks});
  StreamShape wrap = shape_of("hvc1", "mp4a");
  // Half of its pictures later the clock is at 2^32 (RTMP 1.0, section 5.3.1.3).
  wrap.first_timestamp = 0xFFFFFFFF - 2'000;
  all.push_back({"WrappedTime", wrap});
  wrap.video_tracks = 3;
  wrap.form = Tracks::kManyWithCodecs;
  wrap.with_nanoseconds = true;
  all.push_back({"WrappedTimeOfManyTracks", wrap});
  return all;
}

struct Played {
  MessageType type;
  std::uint32_t timestamp;
  std::string payload;
  friend bool operator==(const Played&, const Played&) = default;
};

Played sent(const TimedTag& tag) {
  return {static_cast<MessageType>(tag.type), tag.timestamp, text(tag.body)};
}

// Audio and video; what else comes is the server's word about the stream.
std::vector<Played> next_media(RtmpPeer& player, std::size_t count) {
  std::vector<Played> played;
  while (played.size() < count) {
    auto media = player.wait_for<ClientMedia>();
    if (!media) break;
    const rtmp::Message& message = media->message;
    if (message.type != MessageType::kAudio && message.type != MessageType::kVideo) continue;
    played.push_back({message.type, message.timestamp, text(message.payload)});
  }
  return played;
}

TagRole role(const TimedTag& tag) { return flv::classify(tag.type, tag.body.span()).role; }

// What one who joins after the last tag is sent: the configurations, as if of the newest
// keyframe's time, then all from there.
std::vector<Played> from_newest_keyframe(const std::vector<TimedTag>& tags) {
  std::size_t newest = 0;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (role(tags[i]) == TagRole::kKeyframe) newest = i;
  }
  std::vector<Played> expected;
  for (const TimedTag& tag : tags) {
    if (tag.type == TagType::kScript || role(tag) != TagRole::kConfiguration) continue;
    expected.push_back(sent(tag));
    expected.back().timestamp = tags[newest].timestamp;
  }
  for (std::size_t i = newest; i < tags.size(); ++i) {
    if (tags[i].type != TagType::kScript) expected.push_back(sent(tags[i]));
  }
  return expected;
}

class EnhancedStreamTest : public ServiceFixture, public ::testing::WithParamInterface<Form> {};

TEST_P(EnhancedStreamTest, ArrivesAsItWasSent) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer early = this->player("show");
  ASSERT_TRUE(early.wait_for<ClientStarted>());

  const std::vector<TimedTag> tags = make_stream(GetParam().shape);
  std::vector<Played> published;
  for (const TimedTag& tag : tags) {
    publisher.send(static_cast<MessageType>(tag.type), tag.timestamp, text(tag.body));
    if (tag.type != TagType::kScript) published.push_back(sent(tag));
  }
  EXPECT_TRUE(next_media(early, published.size()) == published);

  if (GetParam().shape.video.empty()) return;
  RtmpPeer late = this->player("show");
  ASSERT_TRUE(late.wait_for<ClientStarted>());
  const std::vector<Played> expected = from_newest_keyframe(tags);
  EXPECT_TRUE(next_media(late, expected.size()) == expected);
}

INSTANTIATE_TEST_SUITE_P(Forms, EnhancedStreamTest, ::testing::ValuesIn(forms()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace weir::media::testing
