#include "media_svc/rtmp/client_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "media_svc/rtmp/server_session.h"
#include "tests/media_svc/rtmp/bytes.h"
#include "tests/media_svc/rtmp/chunk_builder.h"

namespace weir::media::rtmp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A client session and a server session that hear each other, in pieces of a given size.
class Pair {
 public:
  explicit Pair(ClientSession::Options options, std::size_t piece = SIZE_MAX)
      : client_(std::move(options)), piece_(piece) {}

  ClientSession& client() { return client_; }
  ServerSession& server() { return server_; }

  // Moves bytes until both are silent.
  void settle() {
    while (!client_.output().empty() || !server_.output().empty()) {
      move_to_server();
      move_to_client();
    }
  }

  std::vector<ServerEvent> server_events;
  std::vector<std::string> client_events;
  std::vector<Message> client_media;

 private:
  void move_to_server() {
    const Bytes bytes(client_.output().begin(), client_.output().end());
    client_.consume_output(bytes.size());
    feed_in_pieces(bytes, piece_, [this](std::span<const std::uint8_t> now) {
      server_.feed(now);
      while (auto event = server_.next_event()) server_events.push_back(std::move(*event));
    });
  }

  void move_to_client() {
    const Bytes bytes(server_.output().begin(), server_.output().end());
    server_.consume_output(bytes.size());
    feed_in_pieces(bytes, piece_, [this](std::span<const std::uint8_t> now) {
      client_.feed(now);
      while (auto event = client_.next_event()) note(*event);
    });
  }

  void note(ClientEvent& event) {
    if (std::holds_alternative<ClientConnected>(event)) client_events.emplace_back("connected");
    if (std::holds_alternative<ClientStarted>(event)) client_events.emplace_back("started");
    if (auto* refused = std::get_if<ClientRefused>(&event)) {
      client_events.push_back("refused " + refused->code + ": " + refused->description);
    }
    if (auto* notified = std::get_if<ClientNotified>(&event)) {
      client_events.push_back("notified " + notified->code);
    }
    if (auto* media = std::get_if<ClientMedia>(&event)) client_media.push_back(media->message);
    if (auto* move = std::get_if<ClientReconnectRequested>(&event)) {
      client_events.push_back("reconnect " + move->tc_url);
    }
    if (auto* fault = std::get_if<ClientFault>(&event)) {
      client_events.push_back("fault " + fault->fault.text);
    }
  }

  ClientSession client_;
  ServerSession server_{{}};
  std::size_t piece_;
};

ClientSession::Options options(ClientSession::Role role, bool digest = false) {
  return {.role = role,
          .app = "live",
          .tc_url = "rtmp://host/live",
          .name = "cam?token=t",
          .digest = digest,
          .can_reconnect = true};
}

template <class Event>
std::vector<Event> only(const std::vector<ServerEvent>& events) {
  std::vector<Event> found;
  for (const auto& event : events) {
    if (const auto* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
  }
  return found;
}

TEST(ClientSession, Publishes) {
  for (const bool digest : {false, true}) {
    for (const std::size_t piece : kPieces) {
      Pair pair(options(ClientSession::Role::kPublish, digest), piece);
      pair.settle();
      EXPECT_EQ(only<HandshakeCompleted>(pair.server_events).at(0).digest, digest);
      const auto requested = only<PublishRequested>(pair.server_events);
      ASSERT_EQ(requested.size(), 1u);
      EXPECT_EQ(requested[0].address.stream_id(), "live/cam");
      EXPECT_EQ(requested[0].address.parameter("token"), "t");
      EXPECT_THAT(pair.client_events, ElementsAre("connected"));

      pair.server().accept_publish(requested[0].stream_id);
      pair.settle();
      EXPECT_THAT(pair.client_events, ElementsAre("connected", "started"));
      EXPECT_EQ(pair.client().stream_id(), requested[0].stream_id);

      const auto payload = SharedBytes::copy_of(repeated(100'000, 3));
      pair.client().send_media({MessageType::kVideo, 0x0200'0000, 0, payload});
      pair.client().stop();
      pair.settle();
      const auto media = only<MediaReceived>(pair.server_events);
      ASSERT_EQ(media.size(), 1u);
      EXPECT_EQ(media[0].message.timestamp, 0x0200'0000u);
      EXPECT_EQ(media[0].message.payload, payload);
      EXPECT_EQ(only<PublishEnded>(pair.server_events).size(), 1u);
    }
  }
}

TEST(ClientSession, Plays) {
  for (const std::size_t piece : kPieces) {
    Pair pair(options(ClientSession::Role::kPlay), piece);
    pair.settle();
    ASSERT_EQ(only<PlayRequested>(pair.server_events).size(), 1u);
    pair.server().accept_play(1);
    pair.settle();
    EXPECT_THAT(pair.client_events,
                ElementsAre("connected", "notified NetStream.Play.Reset", "started"));
    pair.client_media.clear();

    const Message sent{MessageType::kAudio, 7, 0, SharedBytes::copy_of(repeated(500, 1))};
    const auto rendered = render(sent);
    feed_in_pieces(rendered, piece, [&](std::span<const std::uint8_t> now) {
      pair.client().feed(now);
      while (auto event = pair.client().next_event()) {
        if (auto* media = std::get_if<ClientMedia>(&*event)) {
          pair.client_media.push_back(media->message);
        }
      }
    });
    ASSERT_EQ(pair.client_media.size(), 1u);
    EXPECT_EQ(pair.client_media[0].payload, sent.payload);
    pair.client().stop();
    pair.settle();
    EXPECT_EQ(only<PlayEnded>(pair.server_events).size(), 1u);
  }
}

TEST(ClientSession, HearsWhyItIsRefused) {
  Pair publisher(options(ClientSession::Role::kPublish));
  publisher.settle();
  publisher.server().refuse_publish(1, StatusCode::kPublishDenied, "limit reached");
  publisher.settle();
  EXPECT_THAT(publisher.client_events,
              ElementsAre("connected", "refused NetStream.Publish.Denied: limit reached"));

  Pair player(options(ClientSession::Role::kPlay));
  player.settle();
  player.server().refuse_play(1, StatusCode::kPlayStreamNotFound, "nobody publishes it");
  player.settle();
  EXPECT_THAT(
      player.client_events,
      ElementsAre("connected", "refused NetStream.Play.StreamNotFound: nobody publishes it"));

  auto nowhere = options(ClientSession::Role::kPlay);
  nowhere.app = "..";
  Pair lost(nowhere);
  lost.settle();
  EXPECT_THAT(lost.client_events, ElementsAre("refused NetConnection.Connect.InvalidApp: "
                                              "The application's name is not valid."));
}

TEST(ClientSession, HearsThatItIsToReconnect) {
  Pair pair(options(ClientSession::Role::kPublish));
  pair.settle();
  pair.server().accept_publish(1);
  EXPECT_TRUE(pair.server().request_reconnect("rtmp://other/live", "moving"));
  pair.settle();
  EXPECT_THAT(pair.client_events,
              ElementsAre("connected", "started", "reconnect rtmp://other/live"));
  pair.client().stop();
  pair.settle();
  EXPECT_FALSE(only<PublishEnded>(pair.server_events).at(0).completed);
}

TEST(ClientSession, HearsThatThePublisherLeft) {
  Pair pair(options(ClientSession::Role::kPlay));
  pair.settle();
  pair.server().accept_play(1);
  pair.server().notify_unpublished(1);
  pair.settle();
  EXPECT_EQ(pair.client_events.back(), "notified NetStream.Play.UnpublishNotify");
}

TEST(ClientSession, AnswersPings) {
  Pair pair(options(ClientSession::Role::kPlay));
  pair.settle();
  const Bytes ping = message_bytes(MessageType::kUserControl, bytes(0, 6, 0, 0, 0, 5), 0, 0, 2);
  pair.client().feed(ping);
  EXPECT_FALSE(pair.client().next_event());
  EXPECT_GT(pair.client().output().size(), 0u);
  pair.settle();
  EXPECT_THAT(only<ProtocolFault>(pair.server_events), IsEmpty());
}

TEST(ClientSession, EndsWithAFaultOnGarbage) {
  ClientSession session(options(ClientSession::Role::kPlay));
  const Bytes answer =
      bytes(3, repeated(2 * 1536, 0), message_bytes(MessageType::kSetChunkSize, u32(0)));
  session.feed(answer);
  std::vector<std::string> faults;
  while (auto event = session.next_event()) {
    if (auto* fault = std::get_if<ClientFault>(&*event)) {
      faults.emplace_back(label(fault->fault.error));
    }
  }
  EXPECT_THAT(faults, ElementsAre("chunk_size"));
}

// A stream of 60 days at 25 frames a second, in steps of an hour: past 4.66 hours, where
// timestamps no longer fit a chunk header, and past 2^32 ms.
TEST(Sessions, TimestampsSurviveSixtyDays) {
  auto small_chunks = options(ClientSession::Role::kPublish);
  small_chunks.chunk_size = 128;
  Pair pair(small_chunks);
  pair.settle();
  pair.server().accept_publish(1);
  pair.settle();
  const auto payload = SharedBytes::copy_of(repeated(300, 1));
  std::vector<std::uint32_t> sent;
  for (std::uint64_t time = 0; time < 60ull * 24 * 3'600'000; time += 3'600'000) {
    for (const std::uint64_t frame : {time, time + 40}) {
      sent.push_back(static_cast<std::uint32_t>(frame));
      pair.client().send_media({MessageType::kVideo, sent.back(), 0, payload});
    }
    pair.settle();
  }
  std::vector<std::uint32_t> received;
  for (const auto& media : only<MediaReceived>(pair.server_events)) {
    received.push_back(media.message.timestamp);
  }
  EXPECT_EQ(received, sent);
}

}  // namespace
}  // namespace weir::media::rtmp
