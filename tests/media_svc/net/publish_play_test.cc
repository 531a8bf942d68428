// Publish and play through the whole of net, over real sockets.
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/media_svc/net/service_fixture.h"
#include "tests/media_svc/rtmp/conversation.h"
#include "tests/support/tag_generator.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientMedia;
using rtmp::ClientNotified;
using rtmp::ClientRefused;
using rtmp::ClientStarted;
using rtmp::MessageType;

using Told = std::vector<std::string>;

class PublishPlayTest : public ServiceFixture {
 protected:
  // Its admission is held until it has sent all this: control hears of the start and of the media
  // at once, however long either takes.
  void begin(RtmpPeer& publisher, const std::vector<support::TimedTag>& media) {
    ASSERT_TRUE(wait_asked(publisher, 1));
    send(publisher, media);
    control.release_admissions();
    ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  }
  static void send(RtmpPeer& publisher, const std::vector<support::TimedTag>& media) {
    for (const support::TimedTag& tag : media) {
      publisher.send(static_cast<MessageType>(tag.type), tag.timestamp, text(tag.body));
    }
  }
};

std::vector<std::string> next_frames(RtmpPeer& player, std::size_t count) {
  std::vector<std::string> frames;
  while (frames.size() < count) {
    auto frame = next_video(player);
    if (!frame) break;
    frames.push_back(std::move(*frame));
  }
  return frames;
}

TEST_F(PublishPlayTest, WhatIsPublishedIsPlayedToEveryWorkersPlayers) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, video_header());
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));

  std::deque<RtmpPeer> players;
  for (int i = 0; i < 4; ++i) {
    players.emplace_back(listener->address(), rtmp::ClientSession::Role::kPlay, "show");
  }
  for (RtmpPeer& player : players) ASSERT_TRUE(player.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 40, interframe("p1"));

  const std::vector<std::string> expected{video_header(), keyframe("k0"), interframe("p1")};
  for (RtmpPeer& player : players) EXPECT_EQ(next_frames(player, 3), expected);
}

TEST_F(PublishPlayTest, IPv6AndIPv4ShareAListener) {
  host = "::";
  start();
  const std::uint16_t port = listener->address().port;
  RtmpPeer publisher({.host = "::1", .port = port}, rtmp::ClientSession::Role::kPublish, "show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player({.host = "127.0.0.1", .port = port}, rtmp::ClientSession::Role::kPlay, "show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, keyframe("across"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("across")});
  const auto asked = control.seen().admissions;
  EXPECT_EQ(asked.at(0).client().address(), "::1");
  EXPECT_EQ(asked.at(1).client().address(), "127.0.0.1");
}

TEST_F(PublishPlayTest, PlayersWaitForTheStreamAndForItsReturn) {
  start();
  RtmpPeer player = this->player("later");
  ASSERT_TRUE(wait_asked(player, 1));
  RtmpPeer first = publisher("later");
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  first.send(MessageType::kVideo, 0, keyframe("first"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("first")});

  first.stop();
  const auto gone = player.wait_for<ClientNotified>();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->code, "NetStream.Play.UnpublishNotify");

  RtmpPeer second = publisher("later");
  ASSERT_TRUE(second.wait_for<ClientStarted>());
  second.send(MessageType::kVideo, 0, keyframe("second"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("second")});
}

TEST_F(PublishPlayTest, VideoThatIsWantedAgainGoesOnAtAKeyframe) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("k0")});

  player.send_raw(rtmp::command("receiveVideo", 0, rtmp::amf_boolean(false), 1));
  // A seek is answered, so that it is known that what came before has been read.
  player.send_raw(rtmp::command("seek", 0, rtmp::amf_number(0), 1));
  ASSERT_TRUE(player.wait_for<ClientNotified>());
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  publisher.send(MessageType::kAudio, 45, "a2");
  publisher.send(MessageType::kVideo, 80, keyframe("k3"));
  publisher.send(MessageType::kVideo, 120, interframe("p4"));
  publisher.send(MessageType::kAudio, 130, "a5");
  for (const char* heard : {"a2", "a5"}) {
    const auto media = player.wait_for<ClientMedia>();
    ASSERT_TRUE(media);
    EXPECT_EQ(text(media->message.payload), heard);
  }
  player.send_raw(rtmp::command("receiveVideo", 0, rtmp::amf_boolean(true), 1));
  const auto seek = player.wait_for<ClientNotified>();
  ASSERT_TRUE(seek);
  EXPECT_EQ(seek->code, "NetStream.Seek.Notify");
  EXPECT_EQ(next_frames(player, 2), (std::vector{keyframe("k3"), interframe("p4")}));
}

TEST_F(PublishPlayTest, SoundThatIsWantedLaterCanBeDecoded) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  player.send_raw(rtmp::command("receiveAudio", 0, rtmp::amf_boolean(false), 1));
  player.send_raw(rtmp::command("seek", 0, rtmp::amf_number(0), 1));
  ASSERT_TRUE(player.wait_for<ClientNotified>());
  const auto aac = [](const support::Bytes& body) { return text(SharedBytes::copy_of(body)); };
  const std::string header = aac(support::aac_configuration());
  const auto next_payload = [&player] {
    const auto media = player.wait_for<ClientMedia>();
    return media ? text(media->message.payload) : std::string();
  };
  publisher.send(MessageType::kAudio, 0, header);
  publisher.send(MessageType::kAudio, 0, aac(support::aac_frame({1})));
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));
  EXPECT_EQ(next_payload(), header);
  EXPECT_EQ(next_payload(), keyframe("k0"));
  player.send_raw(rtmp::command("receiveAudio", 0, rtmp::amf_boolean(true), 1));
  player.send_raw(rtmp::command("pause", 0, rtmp::amf_boolean(false), 1));
  ASSERT_TRUE(player.wait_for<ClientNotified>());
  publisher.send(MessageType::kAudio, 40, aac(support::aac_frame({2})));
  EXPECT_EQ(next_payload(), aac(support::aac_frame({2})));
}

TEST_F(PublishPlayTest, WhoWasNotPausedMissesAndRepeatsNothing) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("k0")});
  player.send_raw(rtmp::command("pause", 0, rtmp::amf_boolean(false), 1));
  ASSERT_TRUE(player.wait_for<ClientNotified>());
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  EXPECT_EQ(next_frames(player, 1), std::vector{interframe("p1")});
}

TEST_F(PublishPlayTest, APlayerMayPauseBeforeItsStreamBegins) {
  start();
  control.hold_admissions();
  RtmpPeer player = this->player("later");
  ASSERT_TRUE(wait_asked(player, 1));
  player.send_raw(rtmp::command("pause", 0, rtmp::amf_boolean(true), 1));
  const auto paused = player.wait_for<ClientNotified>();
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->code, "NetStream.Pause.Notify");
  control.release_admissions();
  RtmpPeer publisher = this->publisher("later");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, keyframe("unseen"));
  publisher.send(MessageType::kVideo, 40, keyframe("seen"));
  ASSERT_TRUE(wait_for_metric("weir_frames_total{kind=\"video\"} 2\n"));
  player.send_raw(rtmp::command("pause", 0, rtmp::amf_boolean(false), 1));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("seen")});
}

TEST_F(PublishPlayTest, APlayMayBeForATime) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  publisher.send(MessageType::kVideo, 0, keyframe("k0"));
  ASSERT_TRUE(control.wait_told(1));
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));

  const auto live = rtmp::amf_number(-1'000);
  const auto duration = rtmp::amf_number(1);
  player.send_raw(
      rtmp::command("play", 5, rtmp::bytes(rtmp::amf_string("show"), live, duration), 1));
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  const auto stopped = player.wait_for<ClientNotified>();
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->code, "NetStream.Play.Stop");
  EXPECT_TRUE(control.wait_told({"session-1 started", "session-2 started", "session-2 completed",
                                 "session-3 started", "session-3 completed"}));

  player.send_raw(rtmp::play("show"));
  EXPECT_TRUE(player.wait_for<ClientStarted>()) << "its connection is as good as before";
}

TEST_F(PublishPlayTest, WhatAClientCallsItselfIsNoReasonToRefuseIt) {
  start();
  RtmpPeer publisher(listener->address());
  const std::string odd = "\xB1\xE0\xC2\xEB " + std::string(5'000, 'x');
  rtmp::Bytes properties;
  rtmp::Amf0Writer(properties).key("flashVer").string(odd);
  publisher.send_raw(rtmp::bytes(rtmp::handshake_bytes(), rtmp::connect("live", properties),
                                 rtmp::command("createStream", 4), rtmp::publish("show")));
  ASSERT_TRUE(control.wait([](const auto& seen) { return seen.admissions.size() == 1; }));
  const std::string told = control.seen().admissions.at(0).client().user_agent();
  EXPECT_TRUE(told.starts_with("\xEF\xBF\xBD")) << told;
  EXPECT_EQ(told.size(), 256u);
  EXPECT_TRUE(wait_until([&] { return streams->published("live/show"); }));
}

TEST_F(PublishPlayTest, MediaSentWhileAdmissionIsPendingIsKept) {
  start();
  control.hold_admissions();
  RtmpPeer publisher = this->publisher("eager");
  ASSERT_TRUE(wait_asked(publisher, 1));
  EXPECT_FALSE(streams->published("live/eager"));
  publisher.send(MessageType::kVideo, 0, keyframe("early"));
  control.release_admissions();
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());

  RtmpPeer player = this->player("eager");
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("early")});
}

TEST_F(PublishPlayTest, WhoWaitsForControlHoldsUpNobody) {
  start();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  control.hold_admissions();
  // On every worker.
  std::deque<RtmpPeer> waiting;
  for (std::size_t i = 0; i < 2 * kWorkers; ++i) {
    waiting.emplace_back(listener->address(), rtmp::ClientSession::Role::kPublish,
                         "waits" + std::to_string(i));
    ASSERT_TRUE(wait_asked(waiting.back(), 3 + i));
  }
  publisher.send(MessageType::kVideo, 0, keyframe("on time"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("on time")});
}

TEST_F(PublishPlayTest, OneAtATimeIsAdmittedToAName) {
  start();
  control.hold_admissions();
  RtmpPeer first = this->publisher("show");
  ASSERT_TRUE(wait_asked(first, 1));
  RtmpPeer second = this->publisher("show");
  const auto refused = second.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Publish.BadName");
  control.release_admissions();
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  EXPECT_EQ(control.seen().admissions.size(), 1u);
}

TEST_F(PublishPlayTest, ARefusalSaysWhyAndNothingIsHeld) {
  control.on_admit([](const v1::AdmitSessionRequest&, v1::AdmitSessionResponse&) {
    return grpc::Status(grpc::RESOURCE_EXHAUSTED, "3 of 3 sessions are in use");
  });
  start();
  RtmpPeer publisher = this->publisher("fourth");
  const auto refused = publisher.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Publish.Denied");
  EXPECT_NE(refused->description.find("3 of 3 sessions"), std::string::npos);
  EXPECT_EQ(streams->size(), 0u);
}

TEST_F(PublishPlayTest, ACredentialReachesControlDecoded) {
  start();
  RtmpPeer publisher = this->publisher("show?token=s%20ecret&user=ann");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  const v1::AdmitSessionRequest asked = control.seen().admissions.at(0);
  EXPECT_EQ(asked.credential(), "s ecret");
  EXPECT_EQ(asked.user_id(), "ann");
  EXPECT_EQ(asked.stream_id(), "live/show");
  EXPECT_EQ(asked.client().address(), "127.0.0.1");
}

TEST_F(PublishPlayTest, ControlHearsWhatTheMediaIs) {
  support::StreamShape shape;
  shape.video = "hvc1";
  const std::vector<support::TimedTag> media = make_stream(shape);
  control.hold_admissions();
  start();
  RtmpPeer publisher = this->publisher("show");
  begin(publisher, media);
  publisher.stop();
  ASSERT_TRUE(control.wait_told(2));
  const auto events = control.seen().events;
  for (const v1::SessionEvent& event : events) {
    EXPECT_EQ(event.media().video_codec(), "hevc") << event.sequence();
    EXPECT_EQ(event.media().audio_codec(), "aac") << event.sequence();
    EXPECT_EQ(event.media().frame_rate(), 25) << event.sequence();
  }
  std::int64_t bytes = 0;
  for (const support::TimedTag& tag : media) bytes += static_cast<std::int64_t>(tag.body.size());
  EXPECT_EQ(events.back().media().bytes(), bytes);
}

TEST_F(PublishPlayTest, ControlHearsWhatTheMediaHasBecome) {
  const auto media = [](const char* video, std::uint32_t from) {
    support::StreamShape shape;
    shape.video = video;
    shape.pictures = 5;
    shape.first_timestamp = from;
    return make_stream(shape);
  };
  control.hold_admissions();
  start();
  RtmpPeer publisher = this->publisher("show");
  begin(publisher, media("avc1", 0));
  ASSERT_TRUE(control.wait_told({"session-1 started"}));
  send(publisher, media("hvc1", 1'000));
  ASSERT_TRUE(control.wait_told({"session-1 started", "session-1 started"}));
  EXPECT_EQ(control.seen().events.at(0).media().video_codec(), "h264");
  EXPECT_EQ(control.seen().events.at(1).media().video_codec(), "hevc");
  // Longer than between two looks, so that it would have been told again.
  ASSERT_TRUE(wait_for_turns(10));
  ASSERT_TRUE(link->flush(Duration{30'000}));
  EXPECT_EQ(control.seen().told(), (Told{"session-1 started", "session-1 started"}));
}

TEST_F(PublishPlayTest, AStartIsToldAlsoWithoutMedia) {
  start();
  RtmpPeer publisher = this->publisher("mute");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(1));
  EXPECT_EQ(control.seen().events.at(0).media().video_codec(), "");
}

TEST_F(PublishPlayTest, TheSessionEndsOnceWhenTheConnectionDoes) {
  start();
  RtmpPeer publisher = this->publisher("short");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  const control_link::SessionKey key{.session_id = "session-1", .epoch = 1};
  EXPECT_TRUE(link->holds(key));
  publisher.stop();
  publisher.close();
  EXPECT_TRUE(control.wait_told(2));
  EXPECT_TRUE(wait_until([&] { return streams->size() == 0; }));
  // Else it would be said to be held whenever control is met again.
  EXPECT_TRUE(wait_until([&] { return !link->holds(key); }));
  EXPECT_EQ(control.seen().told(), (Told{"session-1 started", "session-1 completed"}));
}

TEST_F(PublishPlayTest, TheOldestStreamIsKnownUntilItEnds) {
  start();
  RtmpPeer oldest = publisher("oldest");
  ASSERT_TRUE(oldest.wait_for<ClientStarted>());
  const auto began = metrics.stream_beginnings.oldest();
  ASSERT_TRUE(began);
  RtmpPeer other = publisher("other");
  ASSERT_TRUE(other.wait_for<ClientStarted>());
  other.close();
  ASSERT_TRUE(wait_for_metric("weir_streams 1"));
  EXPECT_EQ(metrics.stream_beginnings.oldest(), began);
  oldest.close();
  EXPECT_TRUE(wait_until([&] { return !metrics.stream_beginnings.oldest(); }));
}

TEST_F(PublishPlayTest, ALostPublisherMayComeBackAPlayerThatLeavesIsDone) {
  start();
  RtmpPeer publisher = this->publisher("lost");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(1));
  RtmpPeer player = this->player("lost");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  player.close();
  ASSERT_TRUE(control.wait_told(3));
  publisher.close();
  ASSERT_TRUE(control.wait_told(4));
  EXPECT_EQ(control.seen().told(), (Told{"session-1 started", "session-2 started",
                                         "session-2 completed", "session-1 interrupted"}));
}

TEST_F(PublishPlayTest, AClientThatLeftWhileAdmissionWasPendingGivesItsSessionBack) {
  start();
  control.hold_admissions();
  {
    RtmpPeer publisher = this->publisher("gone");
    ASSERT_TRUE(wait_asked(publisher, 1));
  }
  ASSERT_TRUE(wait_until([&] { return streams->size() == 0; }));
  control.release_admissions();
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released.size() == 1; }));
}

TEST_F(PublishPlayTest, SessionsWhoseMediaMovesAreRenewed) {
  start();
  RtmpPeer publisher = this->publisher("alive");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  std::uint32_t timestamp = 0;
  const auto renewed = [&] {
    publisher.send(MessageType::kVideo, timestamp += 40, keyframe("k"));
    return control.holds([](const auto& seen) { return seen.touched.size() >= 3; });
  };
  EXPECT_TRUE(wait_until(renewed));
}

TEST_F(PublishPlayTest, ControlsEndReachesTheConnection) {
  start();
  RtmpPeer publisher = this->publisher("kicked");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(1));
  control.end_session("session-1", 1, v1::END_REASON_KICKED);
  const auto ended = publisher.wait_for<ClientRefused>();
  ASSERT_TRUE(ended);
  EXPECT_NE(ended->description.find("kicked"), std::string::npos);
  EXPECT_TRUE(publisher.wait_closed());
  ASSERT_TRUE(link->flush(Duration{30'000}));
  EXPECT_EQ(control.seen().told(), Told{"session-1 started"});
}

TEST_F(PublishPlayTest, RunningStreamsGoOnWithoutControlAndNewPublishersAreRefused) {
  start();
  RtmpPeer publisher = this->publisher("steady");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  RtmpPeer player = this->player("steady");
  ASSERT_TRUE(player.wait_for<ClientStarted>());
  control.stop();

  RtmpPeer late = this->publisher("late");
  const auto refused = late.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->description.find("retry in"), std::string::npos);

  publisher.send(MessageType::kVideo, 40, keyframe("still here"));
  EXPECT_EQ(next_frames(player, 1), std::vector{keyframe("still here")});

  control.restart();
  publisher.stop();
  EXPECT_TRUE(control.wait_told_last("session-1 completed"));
}

}  // namespace
}  // namespace weir::media::testing
