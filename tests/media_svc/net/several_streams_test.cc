// Several publishes and plays of one connection: one may end while the others go on.
#include <gtest/gtest.h>

#include <string>

#include "tests/media_svc/net/service_fixture.h"
#include "tests/media_svc/rtmp/conversation.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientMedia;
using rtmp::ClientRefused;
using rtmp::ClientStarted;
using rtmp::MessageType;

// The connection's first stream is its ClientSession's, on message stream 1.
class SeveralStreamsTest : public ServiceFixture {
 protected:
  static void send_video(RtmpPeer& peer, std::uint32_t message_stream, std::string_view body) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(body.data());
    peer.send_raw(
        rtmp::message_bytes(MessageType::kVideo, std::span(bytes, body.size()), message_stream));
  }
  // Once control has heard of `started` sessions: before that it may have no line to say it on.
  void kick(const std::string& session, std::size_t started) {
    ASSERT_TRUE(control.wait_told(started));
    control.end_session(session, 0, v1::END_REASON_KICKED);
  }
  bool wait_for_role(const std::string& role, int count) const {
    return wait_for_metric("weir_rtmp_connections{role=\"" + role + "\"} " + std::to_string(count) +
                           "\n");
  }
};

TEST_F(SeveralStreamsTest, AKickEndsOnePublishAndTheLastOneEndsTheConnection) {
  start();
  RtmpPeer publisher = this->publisher("one");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.send_raw(rtmp::publish("two", 2));
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer watching = player("one");
  ASSERT_TRUE(watching.wait_for<ClientStarted>());

  kick("session-2", 3);
  const auto ended = publisher.wait_for<ClientRefused>();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, "NetStream.Publish.Denied");
  EXPECT_EQ(ended->description, "session kicked");
  EXPECT_FALSE(streams->published("live/two"));
  // An encoder that takes no notice.
  send_video(publisher, 2, keyframe("of nobody"));
  publisher.send(MessageType::kVideo, 40, keyframe("of the other"));
  EXPECT_EQ(next_video(watching), keyframe("of the other"));
  EXPECT_NE(registry.text().find("weir_frames_total{kind=\"video\"} 1\n"), std::string::npos);

  // Whose name and message stream are free again.
  publisher.send_raw(rtmp::publish("two", 2));
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  kick("session-1", 4);
  ASSERT_TRUE(publisher.wait_for<ClientRefused>());
  kick("session-4", 4);
  ASSERT_TRUE(publisher.wait_for<ClientRefused>());
  EXPECT_TRUE(publisher.wait_closed());
}

TEST_F(SeveralStreamsTest, AKickEndsOnePlay) {
  start();
  RtmpPeer publisher = this->publisher("one");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("one");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  player.send_raw(rtmp::play("one", 2));
  ASSERT_TRUE(player.wait_for<ClientStarted>());

  kick("session-2", 3);
  const auto ended = player.wait_for<ClientRefused>();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, "NetStream.Play.Failed");
  EXPECT_EQ(ended->description, "session kicked");
  for (const char* body : {"k1", "k2"}) {
    publisher.send(MessageType::kVideo, 40, keyframe(body));
    const auto media = player.wait_for<ClientMedia>();
    ASSERT_TRUE(media);
    EXPECT_EQ(media->message.stream_id, 2u);
    EXPECT_EQ(text(media->message.payload), keyframe(body));
  }
}

TEST_F(SeveralStreamsTest, AMoveEndsTheWholeConnectionSoThatItsClientComesAgain) {
  limits.linger = Duration{200};
  start();
  RtmpPeer publisher = this->publisher("one");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.send_raw(rtmp::publish("two", 2));
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  control.end_session("session-2", 0, v1::END_REASON_MOVED);
  EXPECT_TRUE(publisher.wait_closed());
  EXPECT_TRUE(control.wait_told_last("session-1 interrupted"));
}

TEST_F(SeveralStreamsTest, AConnectionCountsAsWhatIsLeftOnIt) {
  start();
  RtmpPeer both = publisher("one");
  ASSERT_TRUE(both.wait_for<ClientStarted>());
  EXPECT_TRUE(wait_for_role("publisher", 1));
  both.send_raw(rtmp::play("one", 2));
  ASSERT_TRUE(both.wait_for<ClientStarted>());
  EXPECT_TRUE(wait_for_role("publisher", 1));
  EXPECT_TRUE(wait_for_role("player", 0));

  both.stop();
  EXPECT_TRUE(wait_for_role("player", 1));
  EXPECT_TRUE(wait_for_role("publisher", 0));
  both.send_raw(rtmp::command("deleteStream", 0, rtmp::amf_number(2)));
  EXPECT_TRUE(wait_for_role("idle", 1));
  EXPECT_TRUE(wait_for_role("player", 0));
}

}  // namespace
}  // namespace weir::media::testing
