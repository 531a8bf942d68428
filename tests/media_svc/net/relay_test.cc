// Streams that live on another instance: two or three of them in one process, each beside its own
// control. The fixture's is the edge, whose players want what the others hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/relay_token/relay_token.h"
#include "tests/media_svc/net/service_fixture.h"

namespace weir::media::testing {
namespace {

using namespace std::chrono_literals;
using rtmp::ClientMedia;
using rtmp::ClientNotified;
using rtmp::ClientRefused;
using rtmp::ClientSession;
using rtmp::ClientStarted;
using rtmp::MessageType;

using Story = std::vector<std::string>;

constexpr std::string_view kUnpublished = "NetStream.Play.UnpublishNotify";

WallTime wall_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// Its own, once it is attached.
std::string relay_key(const MediaInstance& instance) {
  EXPECT_TRUE(instance.wait_until([&] { return !instance.link->relay_key().empty(); }));
  return instance.link->relay_key();
}

// What control gives out for it.
std::string token_for(const MediaInstance& holder, const std::string& stream_id,
                      WallTime now = wall_now()) {
  return relay_token::make(relay_key(holder), stream_id, now);
}

class RelayTest : public ServiceFixture {
 protected:
  RelayTest() {
    // A loaded machine must not look like a stream that is gone.
    limits.move_gap = 60s;
    limits.play_wait = 60s;
    control.on_find([this](const v1::GetStreamRequest& request, v1::GetStreamResponse& response) {
      const std::scoped_lock lock(mutex_);
      const auto place = places_.find(request.stream_id());
      if (place == places_.end()) return grpc::Status(grpc::NOT_FOUND, "nobody publishes it");
      response.mutable_stream()->set_epoch(place->second.epoch);
      response.mutable_stream()->mutable_route()->set_relay_url(place->second.url);
      response.set_relay_token(
          relay_token::make(place->second.key, request.stream_id(), wall_now()));
      return grpc::Status::OK;
    });
  }
  ~RelayTest() override { control.on_find(nullptr); }

  // Where the edge's control says that "live/{name}" is.
  void place(const std::string& name, const MediaInstance& at, std::int64_t epoch) {
    const Place place{
        .url = "rtmp://" + to_string(at.listener->address()), .key = relay_key(at), .epoch = epoch};
    const std::scoped_lock lock(mutex_);
    places_["live/" + name] = place;
  }

  // It is nowhere, from now on.
  void displace(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    places_.erase("live/" + name);
  }

  // An encoder, of "live/show" unless told otherwise, begins at `at` with a keyframe.
  RtmpPeer& publish(const MediaInstance& at, std::string_view keyframe_text,
                    const std::string& name = "show") {
    RtmpPeer& publisher =
        peers_.emplace_back(at.listener->address(), ClientSession::Role::kPublish, name);
    EXPECT_TRUE(publisher.wait_for<ClientStarted>());
    publisher.send(MessageType::kVideo, 0, video_header());
    publisher.send(MessageType::kVideo, 0, keyframe(keyframe_text));
    return publisher;
  }
  // It begins on the holder, with "k0", and the edge's control knows.
  RtmpPeer& publish_on_holder() {
    start_with_holder();
    return publish(holder_, "k0");
  }
  void start_with_holder() {
    holder_.start();
    start();
    place("show", holder_, 1);
  }
  // It begins here as "session-1", with "here".
  RtmpPeer& publish_here() {
    start();
    RtmpPeer& publisher = publish(*this, "here");
    EXPECT_TRUE(control.wait_told(1));
    return publisher;
  }
  // Its encoder has come to the other one, with "there", and the edge's control knows.
  void publish_on_other() {
    publish(other_, "there");
    place("show", other_, 2);
  }
  // A player here that has seen the beginning.
  RtmpPeer& watch(const std::string& keyframe_text) {
    RtmpPeer& player = peers_.emplace_back(listener->address(), ClientSession::Role::kPlay, "show");
    EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 " + keyframe_text}));
    return player;
  }

  // Whether relays here have, at least once or just so often.
  bool has_met(std::string_view event) const { return has_line(event, ""); }
  bool has_met(std::string_view event, int times) const {
    return has_line(event, fmt::format(" {}\n", times));
  }

  // The next `count` frames that a player gets and what it is told meanwhile: "40 p1" is a frame
  // by its time.
  static Story hear(RtmpPeer& player, std::size_t count) {
    Story story;
    while (story.size() < count) {
      const auto event = player.next_event();
      if (!event) break;
      if (const auto* notified = std::get_if<ClientNotified>(&*event)) {
        if (notified->code != "NetStream.Play.Reset") story.push_back(notified->code);
      } else if (const auto* media = std::get_if<ClientMedia>(&*event)) {
        const auto body = media->message.payload.span();
        if (media->message.type != MessageType::kVideo) continue;
        story.push_back(std::to_string(media->message.timestamp) + " " +
                        std::string(body.begin() + 5, body.end()));
      }
    }
    return story;
  }

  // Whatever a player gets next, configuration included: "9 40 ..." by type, time and body.
  static Story next_messages(RtmpPeer& player, std::size_t count) {
    Story story;
    while (story.size() < count) {
      const auto media = player.wait_for<ClientMedia>();
      if (!media) break;
      const rtmp::Message& message = media->message;
      story.push_back(std::to_string(static_cast<int>(message.type)) + " " +
                      std::to_string(message.timestamp) + " " + text(message.payload));
    }
    return story;
  }

  MediaInstance holder_;
  MediaInstance other_;

 private:
  bool has_line(std::string_view event, std::string_view end) const {
    const std::string line = fmt::format("weir_relay_events_total{{event=\"{}\"}}{}", event, end);
    return registry.text().find(line) != std::string::npos;
  }

  struct Place {
    std::string url;
    std::string key;
    std::int64_t epoch;
  };

  std::mutex mutex_;
  std::map<std::string, Place> places_;
  std::deque<RtmpPeer> peers_;
};

TEST_F(RelayTest, OneRelayFeedsThePlayersOfAllWorkers) {
  RtmpPeer& publisher = publish_on_holder();
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  std::deque<RtmpPeer> players;
  for (int i = 0; i < 6; ++i) {
    players.emplace_back(listener->address(), ClientSession::Role::kPlay, "show");
  }
  const Story expected{"0 header", "0 k0", "40 p1"};
  for (RtmpPeer& player : players) EXPECT_EQ(hear(player, 3), expected);
  publisher.send(MessageType::kVideo, 80, interframe("p2"));
  for (RtmpPeer& player : players) EXPECT_EQ(hear(player, 1), Story{"80 p2"});

  EXPECT_TRUE(wait_for_metric("weir_relay_streams 1"));
  EXPECT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 6"));
  EXPECT_TRUE(wait_for_metric("weir_streams 0"));
  EXPECT_EQ(streams->published_count(), 0U);
  EXPECT_EQ(metrics.stream_beginnings.oldest(), std::nullopt);
  EXPECT_FALSE(has_met("failed")) << "no other worker tries";
  EXPECT_TRUE(holder_.wait_for_metric("weir_rtmp_connections{role=\"relay\"} 1"));
  EXPECT_TRUE(holder_.wait_for_metric("weir_players{protocol=\"rtmp\"} 0"));
  EXPECT_EQ(holder_.service->occupants(), 2U) << "the publisher and the relay";
  EXPECT_EQ(holder_.control.seen().admissions.size(), 1U) << "a relay has no session";
}

TEST_F(RelayTest, PlayersHereGetWhatPlayersThereGet) {
  RtmpPeer& publisher = publish_on_holder();
  publisher.send(MessageType::kAudio, 10, "\xaf\x01sound");
  publisher.send(MessageType::kDataAmf0, 20, std::string("\x02\x00\x04next\x05", 8));
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  RtmpPeer there = holder_.player("show");
  // The first is |RtmpSampleAccess.
  const Story expected = next_messages(there, 6);
  EXPECT_EQ(expected.size(), 6U);
  EXPECT_EQ(expected.back(), "9 40 " + interframe("p1"));
  RtmpPeer here = player("show");
  EXPECT_EQ(next_messages(here, 6), expected);
}

TEST_F(RelayTest, AStreamsNameMayHoldAnything) {
  start_with_holder();
  place("a b?&=%25/\xC3\xA9", holder_, 1);
  const std::string encoded = "a%20b%3F%26%3D%2525/%C3%A9";
  publish(holder_, "k0", encoded);
  RtmpPeer player = this->player(encoded);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
}

TEST_F(RelayTest, AnInstanceMayBeReachedOverIPv6) {
  holder_.host = "::1";
  publish_on_holder();
  watch("k0");
}

TEST_F(RelayTest, APlayerBeginsAtTheNewestKeyframe) {
  RtmpPeer& publisher = publish_on_holder();
  RtmpPeer watching = holder_.player("show");
  ASSERT_EQ(hear(watching, 2), (Story{"0 header", "0 k0"}));
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  publisher.send(MessageType::kVideo, 80, keyframe("k2"));
  publisher.send(MessageType::kVideo, 120, interframe("p3"));
  ASSERT_EQ(hear(watching, 3), (Story{"40 p1", "80 k2", "120 p3"}));
  RtmpPeer first = player("show");
  EXPECT_EQ(hear(first, 3), (Story{"80 header", "80 k2", "120 p3"}));
  RtmpPeer second = player("show");
  EXPECT_EQ(hear(second, 3), (Story{"80 header", "80 k2", "120 p3"}));
}

TEST_F(RelayTest, ItEndsWithItsLastPlayer) {
  publish_on_holder();
  RtmpPeer& first = watch("k0");
  RtmpPeer& last = watch("k0");
  first.close();
  EXPECT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 1"));
  EXPECT_TRUE(wait_for_metric("weir_relay_streams 1"));
  last.close();
  EXPECT_TRUE(wait_for_metric("weir_relay_streams 0"));
  EXPECT_TRUE(wait_until([&] { return streams->size() == 0; }));
  EXPECT_FALSE(has_met("lost")) << "it was left";
  EXPECT_TRUE(holder_.wait_for_metric("weir_rtmp_connections{role=\"relay\"} 0"));
  EXPECT_TRUE(holder_.streams->published("live/show"));
}

TEST_F(RelayTest, WhatIsLostIsFoundElsewhere) {
  // Its place is its own again.
  limits.relays = 1;
  other_.start();
  publish_on_holder();
  RtmpPeer& player = watch("k0");
  publish_on_other();
  holder_.workers->close_connections();
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"})) << "and is not told of the gap";
  EXPECT_TRUE(has_met("lost", 1));
}

TEST_F(RelayTest, WhatIsLostForGoodIsGone) {
  limits.move_gap = 100ms;
  publish_on_holder();
  RtmpPeer& player = watch("k0");
  displace("show");
  holder_.workers->close_connections();
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)});
  EXPECT_TRUE(wait_until([&] { return has_met("not_found"); })) << "maybe only after the gap";
}

TEST_F(RelayTest, WhereItIsNotItIsLookedForAgain) {
  other_.start();
  start_with_holder();
  place("show", other_, 1);
  publish(holder_, "k0");
  RtmpPeer player = this->player("show");
  ASSERT_TRUE(wait_until([&] {
    player.poll();
    return has_met("failed");
  }));
  place("show", holder_, 1);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
  EXPECT_FALSE(has_met("lost")) << "it had not begun";
}

TEST_F(RelayTest, WithoutControlWhatRunsGoesOnAndWhatIsLostIsFoundLater) {
  other_.start();
  RtmpPeer& publisher = publish_on_holder();
  RtmpPeer& player = watch("k0");
  control.stop();
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  EXPECT_EQ(hear(player, 1), Story{"40 p1"});
  publish_on_other();
  holder_.workers->close_connections();
  ASSERT_TRUE(wait_until([&] { return has_met("not_found"); }));
  control.restart();
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"})) << "and is not told of the gap";
}

// Takes as long as a relay bears the silence.
TEST_F(RelayTest, OnlyAConnectionThatFallsSilentIsMadeAnewAndNobodyNotices) {
  start_with_holder();
  place("busy", holder_, 1);
  RtmpPeer& busy = publish(holder_, "k0", "busy");
  RtmpPeer watching = this->player("busy");
  ASSERT_EQ(hear(watching, 2), (Story{"0 header", "0 k0"}));
  RtmpPeer& silent = publish(holder_, "k0");
  RtmpPeer& player = watch("k0");
  std::uint32_t timestamp = 0;
  ASSERT_TRUE(wait_until([&] {
    busy.send(MessageType::kVideo, timestamp += 5, interframe("p"));
    watching.poll();
    return has_met("started", 3);
  }));
  EXPECT_TRUE(has_met("lost", 1));
  silent.send(MessageType::kVideo, 40, interframe("p1"));
  EXPECT_EQ(hear(player, 1), Story{"40 p1"});
}

TEST_F(RelayTest, AStreamThatMovesIsFollowed) {
  other_.start();
  publish_on_holder();
  ASSERT_TRUE(holder_.control.wait_told(1));
  RtmpPeer& player = watch("k0");
  publish_on_other();
  holder_.control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"})) << "and is not told of the gap";
}

TEST_F(RelayTest, AnotherPublisherThereIsAnotherPublicationHere) {
  RtmpPeer& old = publish_on_holder();
  old.send(MessageType::kAudio, 0, std::string("\xaf\x00\x12\x10", 4));
  RtmpPeer& player = watch("k0");
  place("show", holder_, 2);
  publish(holder_, "k1");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k1"})) << "and is not told of the gap";
  // Nothing of the old one's configuration comes before the new one's.
  RtmpPeer late = this->player("show");
  const Story begin = next_messages(late, 3);
  EXPECT_TRUE(begin.at(0).starts_with("18 ")) << "|RtmpSampleAccess";
  EXPECT_EQ(begin.at(1), "9 0 " + video_header());
  EXPECT_EQ(begin.at(2), "9 0 " + keyframe("k1"));
}

TEST_F(RelayTest, AnAnswerThatComesLateIsDropped) {
  other_.start();
  start_with_holder();
  publish(holder_, "k0");
  publish(other_, "there");
  control.hold_searches();
  RtmpPeer player = this->player("show");
  // One that waits for too long for its answer is asked anew.
  const auto searched_since = [&](std::size_t before) {
    return wait_until([&] {
      player.poll();
      return control.seen().searches.size() > before;
    });
  };
  ASSERT_TRUE(searched_since(0));
  RtmpPeer& here = publish(*this, "here");
  ASSERT_EQ(hear(player, 2), (Story{"0 header", "0 here"}));
  const std::size_t before = control.seen().searches.size();
  place("show", other_, 9);
  here.stop();
  ASSERT_TRUE(searched_since(before));
  control.release_search();
  ASSERT_TRUE(wait_until([&] { return searches_heard > 0; }));
  control.release_searches();
  EXPECT_EQ(hear(player, 4), (Story{std::string(kUnpublished), "NetStream.Play.PublishNotify",
                                    "0 header", "0 there"}));
}

TEST_F(RelayTest, ThePublishersEndIsPassedOnAndItsReturnToo) {
  RtmpPeer& publisher = publish_on_holder();
  RtmpPeer& player = watch("k0");
  publisher.stop();
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)}) << "long before --limit-move-gap";
  place("show", holder_, 2);
  publish(holder_, "k1");
  EXPECT_EQ(hear(player, 3), (Story{"NetStream.Play.PublishNotify", "0 header", "0 k1"}));
}

TEST_F(RelayTest, AnEncoderThatIsLostEndsTheStreamToo) {
  RtmpPeer& publisher = publish_on_holder();
  RtmpPeer& player = watch("k0");
  publisher.close();
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)}) << "long before --limit-move-gap";
}

TEST_F(RelayTest, APublisherHereTakesItsPlace) {
  publish_on_holder();
  RtmpPeer& player = watch("k0");
  publish(*this, "here");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 here"}));
  EXPECT_TRUE(wait_for_metric("weir_relay_streams 0"));
  EXPECT_TRUE(holder_.wait_for_metric("weir_rtmp_connections{role=\"relay\"} 0"));
  EXPECT_TRUE(streams->published("live/show"));
}

TEST_F(RelayTest, AnInstanceThatDrainsFeedsItsPlayersFromWhereTheStreamWent) {
  other_.start();
  publish_here();
  RtmpPeer& player = watch("here");
  service->set_accepting(false);
  publish_on_other();
  EXPECT_TRUE(control.seen().searches.empty()) << "it is still here";
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"})) << "and is not told of the gap";
}

TEST_F(RelayTest, WhatMovedAndDoesNotComeBackIsGone) {
  limits.move_gap = 100ms;
  publish_here();
  RtmpPeer& player = watch("here");
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)});
}

TEST_F(RelayTest, AnInstanceThatDrainsIsRelayedFrom) {
  publish_on_holder();
  holder_.service->set_accepting(false);
  watch("k0");
}

TEST_F(RelayTest, OnlyATokenForItLetsARelayIn) {
  other_.start();
  holder_.start();
  publish(holder_, "k0");
  for (const std::string& token :
       {std::string("none"), token_for(holder_, "live/other"), token_for(other_, "live/show"),
        token_for(holder_, "live/show", wall_now() - relay_token::kLife - 5s)}) {
    RtmpPeer relay = holder_.player("show?relay=" + token);
    const auto refused = relay.wait_for<ClientRefused>();
    ASSERT_TRUE(refused) << token;
    EXPECT_EQ(refused->code, "NetStream.Play.Failed");
  }
  RtmpPeer relay = holder_.player("show?relay=" + token_for(holder_, "live/show"));
  EXPECT_TRUE(relay.wait_for<ClientStarted>());
  EXPECT_EQ(holder_.control.seen().admissions.size(), 1U) << "the publisher's";
}

// A relay that reads nothing while the holder gets far more than the sockets between the two take,
// and less than its ring.
class BehindRelayTest : public RelayTest {
 protected:
  static constexpr int kFrames = 200;

  BehindRelayTest() {
    holder_.start();
    publisher_.emplace(holder_.listener->address(), ClientSession::Role::kPublish, "show");
    EXPECT_TRUE(publisher_->wait_for<ClientStarted>());
    relay_.emplace(holder_.listener->address(), ClientSession::Role::kPlay,
                   "show?relay=" + token_for(holder_, "live/show"));
    EXPECT_TRUE(relay_->wait_for<ClientStarted>());
    publisher_->send(MessageType::kVideo, 0, keyframe("k0"));
    const std::string frame = interframe(std::string(64 << 10, 'p'));
    for (int i = 1; i < kFrames; ++i) {
      publisher_->send(MessageType::kVideo, static_cast<std::uint32_t>(i), frame);
    }
    EXPECT_TRUE(
        holder_.wait_for_metric(fmt::format("weir_frames_total{{kind=\"video\"}} {}", kFrames)));
  }

  // It reads on once the publication has ended: has it got everything?
  void expect_all_sent() {
    ASSERT_TRUE(holder_.wait_for_metric("weir_streams 0"));
    EXPECT_EQ(holder_.service->occupants(), 1U) << "a drain waits for it";
    std::uint32_t frames = 0;
    while (const auto event = relay_->next_event()) {
      if (const auto* notified = std::get_if<ClientNotified>(&*event)) {
        told_ |= notified->code == kUnpublished;
      } else if (const auto* media = std::get_if<ClientMedia>(&*event)) {
        EXPECT_FALSE(told_) << "the end comes last";
        if (media->message.type == MessageType::kVideo) {
          EXPECT_EQ(media->message.timestamp, frames++);
        }
      }
    }
    EXPECT_EQ(frames, std::uint32_t{kFrames});
    EXPECT_TRUE(holder_.wait_until([&] { return holder_.service->occupants() == 0; }));
  }

  std::optional<RtmpPeer> publisher_;
  std::optional<RtmpPeer> relay_;
  // Of the stream's end.
  bool told_ = false;
};

TEST_F(BehindRelayTest, HasAllOfAStreamThatEnds) {
  publisher_->stop();
  expect_all_sent();
  EXPECT_TRUE(told_);
}

TEST_F(BehindRelayTest, HasAllOfAStreamThatMoves) {
  holder_.control.end_session("session-1", 1, v1::END_REASON_MOVED);
  expect_all_sent();
  EXPECT_FALSE(told_) << "it goes on";
}

TEST_F(BehindRelayTest, LeavesForAnotherPublication) {
  publisher_->stop();
  ASSERT_TRUE(holder_.wait_for_metric("weir_streams 0"));
  publish(holder_, "k1");
  EXPECT_TRUE(relay_->wait_for<ClientRefused>());
  EXPECT_TRUE(relay_->wait_closed());
}

TEST_F(RelayTest, WhatIsRelayedIsNotRelayedOn) {
  publish_on_holder();
  watch("k0");
  RtmpPeer relay = player("show?relay=" + token_for(*this, "live/show"));
  const auto refused = relay.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Play.StreamNotFound");
}

TEST_F(RelayTest, ARelayLeavesWhenItsStreamIsRelayedHere) {
  other_.start();
  publish_here();
  RtmpPeer& player = watch("here");
  RtmpPeer relay = this->player("show?relay=" + token_for(*this, "live/show"));
  EXPECT_EQ(hear(relay, 2), (Story{"0 header", "0 here"}));
  publish_on_other();
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_TRUE(relay.wait_for<ClientRefused>());
  EXPECT_TRUE(relay.wait_closed());
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"}));
}

TEST_F(RelayTest, WithoutAWaitAPlayerStillWaitsForTheFirstAnswer) {
  limits.play_wait = 0ms;
  publish_on_holder();
  watch("k0");
  RtmpPeer in_vain = player("nowhere");
  const auto refused = in_vain.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Play.StreamNotFound");
}

TEST_F(RelayTest, RelaysAreLimited) {
  limits.relays = 1;
  publish_on_holder();
  publish(holder_, "k0", "second");
  place("second", holder_, 1);
  RtmpPeer& player = watch("k0");
  RtmpPeer too_many = this->player("second");
  EXPECT_TRUE(wait_until([&] {
    too_many.poll();
    return registry.text().find("weir_limits_hit_total{limit=\"relays\"}") != std::string::npos;
  }));
  EXPECT_TRUE(wait_for_metric("weir_relay_streams 1"));
  player.close();
  EXPECT_TRUE(too_many.wait_for<ClientStarted>()) << "there is room again";
}

}  // namespace
}  // namespace weir::media::testing
