// How clients are sent to another instance, over real sockets.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/grpc/status.h"
#include "tests/media_svc/net/service_fixture.h"
#include "tests/support/tag_generator.h"

namespace weir::media::testing {
namespace {

using namespace std::chrono_literals;
using rtmp::ClientMedia;
using rtmp::ClientNotified;
using rtmp::ClientReconnectRequested;
using rtmp::ClientRefused;
using rtmp::ClientSession;
using rtmp::ClientStarted;
using rtmp::MessageType;

using Told = std::vector<std::string>;

class MovingTest : public ServiceFixture {
 protected:
  RtmpPeer modern(ClientSession::Role role, const std::string& name) {
    return {listener->address(), {.role = role, .name = name, .can_reconnect = true}};
  }
  void move(const std::string& session, std::int64_t epoch) {
    v1::AttachResponse response;
    v1::MoveStream& order = *response.mutable_move_stream();
    order.set_session_id(session);
    order.set_epoch(epoch);
    order.mutable_target()->set_rtmp_url("rtmp://other:1935");
    control.send(response);
  }
  // The video frames that a player sees, until it is told that its stream is gone.
  static Told frames_until_gone(RtmpPeer& player) {
    Told frames;
    while (auto event = player.next_event()) {
      const auto* notified = std::get_if<ClientNotified>(&*event);
      if (notified && notified->code == "NetStream.Play.UnpublishNotify") break;
      if (const auto frame = video(*event)) frames.push_back(*frame);
    }
    return frames;
  }
  static std::optional<std::string> video(const rtmp::ClientEvent& event) {
    const auto* media = std::get_if<ClientMedia>(&event);
    if (!media || media->message.type != MessageType::kVideo) return std::nullopt;
    return text(media->message.payload);
  }
};

TEST_F(MovingTest, WhoCanReconnectIsAskedToAndServedUntilItLeaves) {
  start();
  RtmpPeer publisher = modern(ClientSession::Role::kPublish, "show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  move("session-1", 1);
  const auto asked = publisher.wait_for<ClientReconnectRequested>();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->tc_url, "rtmp://other:1935/live");
  publisher.send(MessageType::kVideo, 0, keyframe("after"));
  EXPECT_EQ(next_video(player), keyframe("after"));
  // It says that it is done, but only here.
  publisher.stop();
  ASSERT_TRUE(control.wait_told(3));
  EXPECT_EQ(control.seen().last_told(), "session-1 interrupted");
}

TEST_F(MovingTest, WhoReconnectsByItselfIsClosedBeforeAKeyframe) {
  limits.move_gap = 100ms;
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));
  EXPECT_EQ(next_video(player), keyframe("k0"));
  move("session-1", 1);
  ASSERT_TRUE(wait_for_metric("weir_publisher_moves_total{how=\"close\"} 1"));
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  publisher.send(MessageType::kVideo, 80, keyframe("k2"));
  EXPECT_EQ(frames_until_gone(player), Told{interframe("p1")});
  const auto ended = publisher.wait_for<ClientNotified>();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, "NetStream.Unpublish.Success");
  EXPECT_TRUE(publisher.wait_closed());
  ASSERT_TRUE(control.wait_told(3));
  EXPECT_EQ(control.seen().last_told(), "session-1 interrupted");
}

TEST_F(MovingTest, AStreamOfManyTracksIsClosedBeforeAKeyframeThatPlayersStartAt) {
  limits.move_gap = 100ms;
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  const auto key_of_track = [](std::uint8_t track, std::uint8_t number) {
    support::ExTag tag;
    tag.keyframe = true;
    tag.form = support::Tracks::kOne;
    tag.tracks = {{track, "", {number}}};
    return text(SharedBytes::copy_of(ex_tag(tag)));
  };
  publisher.send(MessageType::kVideo, 0, key_of_track(0, 1));
  EXPECT_EQ(next_video(player), key_of_track(0, 1));
  move("session-1", 1);
  ASSERT_TRUE(wait_for_metric("weir_publisher_moves_total{how=\"close\"} 1"));
  publisher.send(MessageType::kVideo, 0, key_of_track(1, 2));
  publisher.send(MessageType::kVideo, 40, key_of_track(0, 3));
  EXPECT_EQ(frames_until_gone(player), Told{key_of_track(1, 2)});
}

TEST_F(MovingTest, PlayersOfAStreamThatIsBackInTimeHearOfNoEnd) {
  limits.move_gap = 3s;
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  control.hold_admissions();
  RtmpPeer back = this->publisher("show");
  ASSERT_TRUE(wait_asked(back, 3));
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_TRUE(publisher.wait_closed());
  control.release_admissions();
  ASSERT_TRUE(back.wait_for<ClientStarted>());
  // Longer than the gap.
  ASSERT_TRUE(wait_for_turns(13));
  back.send(MessageType::kVideo, 0, keyframe("on again"));
  back.stop();
  EXPECT_EQ(frames_until_gone(player), Told{keyframe("on again")});
}

TEST_F(MovingTest, WhoHasArrivedElsewhereIsClosedHere) {
  start();
  RtmpPeer publisher = modern(ClientSession::Role::kPublish, "show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(1));
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  const auto ended = publisher.wait_for<ClientNotified>();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, "NetStream.Unpublish.Success");
  EXPECT_TRUE(publisher.wait_closed());
  EXPECT_EQ(control.seen().told(), Told{"session-1 started"}) << "control knows";
}

TEST_F(MovingTest, TheRestIsClosedAtTheEndWhoeverItIs) {
  start();
  RtmpPeer audio = this->publisher("radio");
  ASSERT_TRUE(audio.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(1));
  workers->move_connections();
  ASSERT_TRUE(wait_for_metric("weir_publisher_moves_total{how=\"close\"} 1"));
  audio.send(MessageType::kAudio, 0, "\xaf\x01sound");
  EXPECT_TRUE(audio.wait_closed()) << "without a picture any frame will do";
  ASSERT_TRUE(control.wait_told(2));
  EXPECT_EQ(control.seen().last_told(), "session-1 interrupted");
}

TEST_F(MovingTest, NewOnesHearWhereToGo) {
  start();
  control.on_admit([](const auto&, auto&) {
    v1::Route route;
    route.set_rtmp_url("rtmp://other:1935");
    return wire::StatusBuilder(grpc::UNAVAILABLE, "INSTANCE_NOT_ACCEPTING", "draining")
        .retry_after(2s)
        .detail(route)
        .build();
  });
  ASSERT_TRUE(wait_until([&] { return link->connected(); }));
  service->set_accepting(false);
  for (const auto role : {ClientSession::Role::kPublish, ClientSession::Role::kPlay}) {
    RtmpPeer plain(listener->address(), {.role = role, .name = "show"});
    const auto refused = plain.wait_for<ClientRefused>();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->description, "draining; go to rtmp://other:1935; retry in 2 s");

    RtmpPeer able = modern(role, "show");
    const auto asked = able.wait_for<ClientReconnectRequested>();
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->tc_url, "rtmp://other:1935/live");
    EXPECT_TRUE(able.wait_for<ClientRefused>());
  }
  EXPECT_EQ(service->occupants(), 0u);
}

TEST_F(MovingTest, WhoIsAdmittedWhileTheInstanceDrainsIsGivenBack) {
  start();
  ASSERT_TRUE(wait_until([&] { return link->connected(); }));
  RtmpPeer before = this->publisher("before");
  ASSERT_TRUE(before.wait_for<ClientStarted>());
  service->set_accepting(false);
  RtmpPeer late = this->publisher("late");
  EXPECT_TRUE(late.wait_for<ClientRefused>());
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released == Told{"session-2"}; }));
  service->set_accepting(true);
  RtmpPeer again = this->publisher("late");
  EXPECT_TRUE(again.wait_for<ClientStarted>());
  EXPECT_EQ(service->occupants(), 2u);
}

}  // namespace
}  // namespace weir::media::testing
