// What real clients sent on a wire, and what each of them must be understood to have said.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "media_svc/rtmp/byte_order.h"
#include "media_svc/rtmp/client_session.h"
#include "media_svc/rtmp/server_session.h"
#include "tests/media_svc/rtmp/bytes.h"

namespace weir::media::rtmp {
namespace {

struct Heard {
  // One line an event that is not media.
  std::vector<std::string> events;
  std::vector<Message> media;
};

void note(Heard& heard, const ServerEvent& event) {
  if (const auto* handshake = std::get_if<HandshakeCompleted>(&event)) {
    heard.events.emplace_back(handshake->digest ? "handshake digest" : "handshake simple");
  } else if (const auto* connected = std::get_if<Connected>(&event)) {
    heard.events.push_back("connected " + connected->app);
  } else if (const auto* publish = std::get_if<PublishRequested>(&event)) {
    heard.events.push_back("publish " + publish->address.stream_id() + " " +
                           std::string(publish->address.parameter("token")));
  } else if (const auto* play = std::get_if<PlayRequested>(&event)) {
    heard.events.push_back("play " + play->address.stream_id() + " " +
                           std::string(play->address.parameter("token")));
  } else if (const auto* media = std::get_if<MediaReceived>(&event)) {
    heard.media.push_back(media->message);
  } else if (const auto* ended = std::get_if<PublishEnded>(&event)) {
    heard.events.emplace_back(ended->completed ? "publish completed" : "publish interrupted");
  } else if (std::holds_alternative<PlayEnded>(event)) {
    heard.events.emplace_back("play ended");
  } else if (const auto* fault = std::get_if<ProtocolFault>(&event)) {
    heard.events.push_back("fault " + fault->fault.text);
  } else {
    heard.events.emplace_back("other");
  }
}

// A server that accepts everything.
Heard serve(const Bytes& sent, std::size_t piece) {
  ServerSession session({});
  Heard heard;
  feed_in_pieces(sent, piece, [&](std::span<const std::uint8_t> now) {
    session.feed(now);
    while (const auto event = session.next_event()) {
      note(heard, *event);
      if (const auto* publish = std::get_if<PublishRequested>(&*event)) {
        session.accept_publish(publish->stream_id);
      }
      if (const auto* play = std::get_if<PlayRequested>(&*event)) {
        session.accept_play(play->stream_id);
      }
    }
    session.consume_output(session.output().size());
  });
  return heard;
}

// The tags of an FLV file as messages (FLV 10.1, annex E.3 and E.4).
std::vector<Message> flv_tags(const Bytes& file) {
  std::vector<Message> tags;
  constexpr std::size_t kFileHeader = 9 + 4;
  for (std::size_t at = kFileHeader; at + 11 <= file.size();) {
    const std::size_t length = load_u24(&file[at + 1]);
    const std::uint32_t time = load_u24(&file[at + 4]) | std::uint32_t{file[at + 7]} << 24;
    tags.push_back({static_cast<MessageType>(file[at]), time, 1,
                    SharedBytes::copy_of(std::span(file).subspan(at + 11, length))});
    at += 11 + length + 4;
  }
  return tags;
}

std::vector<Message> without_data(std::vector<Message> messages) {
  std::erase_if(messages,
                [](const Message& message) { return message.type == MessageType::kDataAmf0; });
  return messages;
}

void expect_same_media(const std::vector<Message>& heard, const std::vector<Message>& sent) {
  ASSERT_EQ(heard.size(), sent.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i].type, sent[i].type) << i;
    EXPECT_EQ(heard[i].timestamp, sent[i].timestamp) << i;
    EXPECT_EQ(heard[i].payload, sent[i].payload) << i;
  }
}

struct Publisher {
  std::string capture;
  std::string published_file;
  std::string handshake;
};

class GoldenPublisher : public testing::TestWithParam<Publisher> {};

TEST_P(GoldenPublisher, IsUnderstoodHoweverItIsCut) {
  const auto& [capture, file, handshake] = GetParam();
  const auto sent = without_data(flv_tags(golden(file)));
  ASSERT_GT(sent.size(), 20u);
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(piece);
    const Heard heard = serve(golden(capture + ".client"), piece);
    EXPECT_EQ(heard.events,
              (std::vector<std::string>{"handshake " + handshake, "connected live",
                                        "publish live/" + capture + " t1", "publish completed"}));
    expect_same_media(without_data(heard.media), sent);
    ASSERT_FALSE(heard.media.empty());
    EXPECT_EQ(heard.media[0].type, MessageType::kDataAmf0);
    const auto name = bytes(2, 0, 10, "onMetaData");
    ASSERT_GT(heard.media[0].payload.size(), name.size());
    EXPECT_TRUE(std::equal(name.begin(), name.end(), heard.media[0].payload.data()));
  }
}

INSTANTIATE_TEST_SUITE_P(
    RealClients, GoldenPublisher,
    testing::Values(Publisher{"ffmpeg_publish", "clip.flv", "digest"},
                    Publisher{"gstreamer_rtmp2sink", "gstreamer_rtmp2sink.flv", "simple"},
                    Publisher{"librtmp_rtmpsink", "librtmp_rtmpsink.flv", "simple"}),
    [](const auto& info) { return info.param.capture; });

// OBS makes its own pictures, so there is no file to compare them with.
TEST(GoldenObs, IsUnderstoodHoweverItIsCut) {
  const Heard whole = serve(golden("obs_publish.client"), SIZE_MAX);
  EXPECT_EQ(whole.events,
            (std::vector<std::string>{"handshake simple", "connected live",
                                      "publish live/obs_publish t1", "publish completed"}));
  const auto count = [&](MessageType type) {
    return std::ranges::count(whole.media, type, &Message::type);
  };
  EXPECT_EQ(count(MessageType::kDataAmf0), 1);
  EXPECT_GT(count(MessageType::kAudio), 10);
  EXPECT_GT(count(MessageType::kVideo), 5);
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(piece);
    const Heard heard = serve(golden("obs_publish.client"), piece);
    EXPECT_EQ(heard.events, whole.events);
    expect_same_media(heard.media, whole.media);
  }
}

struct Player {
  std::string capture;
  std::string handshake;
  // Whether it says goodbye, or just goes.
  bool ends;
};

class GoldenPlayer : public testing::TestWithParam<Player> {};

TEST_P(GoldenPlayer, IsUnderstoodHoweverItIsCut) {
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(piece);
    const Heard heard = serve(golden(GetParam().capture + ".client"), piece);
    std::vector<std::string> expected = {"handshake " + GetParam().handshake, "connected live",
                                         "play live/source t1"};
    if (GetParam().ends) expected.emplace_back("play ended");
    EXPECT_EQ(heard.events, expected);
    EXPECT_TRUE(heard.media.empty());
  }
}

// What nginx answered that player, to a client session of ours.
TEST_P(GoldenPlayer, IsAnsweredInAWayThatOurClientUnderstands) {
  const auto clip = flv_tags(golden("clip.flv"));
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(piece);
    ClientSession session({.app = "live", .tc_url = "rtmp://127.0.0.1/live", .name = "source"});
    std::size_t started = 0;
    std::vector<Message> media;
    const Bytes answered = golden(GetParam().capture + ".server");
    feed_in_pieces(answered, piece, [&](std::span<const std::uint8_t> now) {
      session.feed(now);
      while (auto event = session.next_event()) {
        if (std::holds_alternative<ClientStarted>(*event)) ++started;
        if (auto* received = std::get_if<ClientMedia>(&*event)) {
          media.push_back(std::move(received->message));
        }
        EXPECT_FALSE(std::holds_alternative<ClientFault>(*event));
        EXPECT_FALSE(std::holds_alternative<ClientRefused>(*event));
      }
    });
    EXPECT_EQ(started, 1u);
    EXPECT_GT(media.size(), 5u);
    for (const Message& message : without_data(media)) {
      EXPECT_TRUE(std::ranges::any_of(clip, [&](const Message& tag) {
        return tag.payload == message.payload;
      })) << message.timestamp;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RealClients, GoldenPlayer,
                         testing::Values(Player{"ffmpeg_play", "digest", true},
                                         Player{"rtmpdump_play", "simple", true},
                                         Player{"gstreamer_rtmp2src", "simple", false}),
                         [](const auto& info) { return info.param.capture; });

}  // namespace
}  // namespace weir::media::rtmp
