// Streams that live on another instance: two or three of them in one process, each beside its own
// control. The fixture's is the edge, whose players want what the others hold.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
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
using rtmp::ClientStarted;
using rtmp::MessageType;

using Story = std::vector<std::string>;

constexpr std::string_view kUnpublished = "NetStream.Play.UnpublishNotify";

WallTime wall_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// What control gives out for it, once it is attached.
std::string token_for(const MediaInstance& holder, const std::string& stream_id,
                      WallTime now = wall_now()) {
  EXPECT_TRUE(holder.wait_until([&] { return !holder.link->relay_key().empty(); }));
  return relay_token::make(holder.link->relay_key(), stream_id, now);
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
      response = place->second;
      const MediaInstance& holder = *holders_.at(request.stream_id());
      response.set_relay_token(
          relay_token::make(holder.link->relay_key(), request.stream_id(), wall_now()));
      return grpc::Status::OK;
    });
  }
  ~RelayTest() override { control.on_find(nullptr); }

  // Where the edge's control says that "live/{name}" is.
  void place(const std::string& name, const MediaInstance& at, std::int64_t epoch) {
    v1::GetStreamResponse response;
    response.mutable_stream()->set_epoch(epoch);
    response.mutable_stream()->mutable_route()->set_relay_url("rtmp://" +
                                                              to_string(at.listener->address()));
    const std::scoped_lock lock(mutex_);
    places_["live/" + name] = response;
    holders_["live/" + name] = &at;
  }

  static void begin(RtmpPeer& publisher, std::string_view keyframe_text) {
    EXPECT_TRUE(publisher.wait_for<ClientStarted>());
    publisher.send(MessageType::kVideo, 0, video_header());
    publisher.send(MessageType::kVideo, 0, keyframe(keyframe_text));
  }

  // Whether relays here have, at least once.
  bool has_met(std::string_view event) const {
    const std::string series = "weir_relay_events_total{event=\"" + std::string(event) + "\"}";
    return registry.text().find(series) != std::string::npos;
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

  MediaInstance holder_;
  MediaInstance other_;

 private:
  std::mutex mutex_;
  std::map<std::string, v1::GetStreamResponse> places_;
  std::map<std::string, const MediaInstance*> holders_;
};

TEST_F(RelayTest, OneRelayFeedsThePlayersOfAllWorkers) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  publisher.send(MessageType::kVideo, 40, interframe("p1"));
  std::deque<RtmpPeer> players;
  for (int i = 0; i < 6; ++i) {
    players.emplace_back(listener->address(), rtmp::ClientSession::Role::kPlay, "show");
  }
  const Story expected{"0 header", "0 k0", "40 p1"};
  for (RtmpPeer& player : players) EXPECT_EQ(hear(player, 3), expected);
  publisher.send(MessageType::kVideo, 80, interframe("p2"));
  for (RtmpPeer& player : players) EXPECT_EQ(hear(player, 1), Story{"80 p2"});

  EXPECT_TRUE(wait_for_metric("weir_relay_streams 1"));
  EXPECT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 6"));
  EXPECT_TRUE(wait_for_metric("weir_streams 0"));
  EXPECT_EQ(streams->published_count(), 0U);
  EXPECT_FALSE(has_met("failed")) << "no other worker tries";
  EXPECT_TRUE(holder_.wait_for_metric("weir_rtmp_connections{role=\"relay\"} 1"));
  EXPECT_TRUE(holder_.wait_for_metric("weir_players{protocol=\"rtmp\"} 0"));
  EXPECT_EQ(holder_.service->occupants(), 1U) << "the publisher";
  EXPECT_EQ(holder_.control.seen().admissions.size(), 1U) << "a relay has no session";
}

TEST_F(RelayTest, APlayerBeginsAtTheNewestKeyframe) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
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
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer first = player("show");
  RtmpPeer last = player("show");
  hear(first, 2);
  hear(last, 2);
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
  holder_.start();
  other_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
  RtmpPeer again = other_.publisher("show");
  begin(again, "k1");
  place("show", other_, 2);
  holder_.workers->close_connections();
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k1"})) << "and is not told of the gap";
  EXPECT_TRUE(wait_for_metric("weir_relay_events_total{event=\"lost\"} 1"));
}

// Takes as long as a relay bears the silence.
TEST_F(RelayTest, AConnectionThatFallsSilentIsMadeAnewAndNothingComesTwice) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
  ASSERT_TRUE(wait_for_metric("weir_relay_events_total{event=\"started\"} 2"));
  EXPECT_TRUE(has_met("lost"));
  publisher.send(MessageType::kVideo, 80, keyframe("k2"));
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "80 k2"}));
}

TEST_F(RelayTest, AStreamThatMovesIsFollowed) {
  holder_.start();
  other_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  ASSERT_TRUE(holder_.control.wait([](const auto& seen) { return seen.told().size() == 1; }));
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
  RtmpPeer again = other_.publisher("show");
  begin(again, "k1");
  place("show", other_, 2);
  holder_.control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k1"})) << "and is not told of the gap";
}

TEST_F(RelayTest, ThePublishersEndIsPassedOnAndItsReturnToo) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer player = this->player("show");
  hear(player, 2);
  publisher.stop();
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)}) << "long before --limit-move-gap";
  place("show", holder_, 2);
  RtmpPeer back = holder_.publisher("show");
  begin(back, "k1");
  EXPECT_EQ(hear(player, 3), (Story{"NetStream.Play.PublishNotify", "0 header", "0 k1"}));
}

TEST_F(RelayTest, APublisherHereTakesItsPlace) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer there = holder_.publisher("show");
  begin(there, "there");
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"}));
  RtmpPeer here = publisher("show");
  begin(here, "here");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 here"}));
  EXPECT_TRUE(wait_for_metric("weir_relay_streams 0"));
  EXPECT_TRUE(holder_.wait_for_metric("weir_rtmp_connections{role=\"relay\"} 0"));
  EXPECT_TRUE(streams->published("live/show"));
}

TEST_F(RelayTest, AnInstanceThatDrainsFeedsItsPlayersFromWhereTheStreamWent) {
  other_.start();
  start();
  RtmpPeer here = publisher("show");
  begin(here, "here");
  ASSERT_TRUE(control.wait([](const auto& seen) { return seen.told().size() == 1; }));
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 here"}));
  service->set_accepting(false);
  RtmpPeer there = other_.publisher("show");
  begin(there, "there");
  place("show", other_, 2);
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"})) << "and is not told of the gap";
}

TEST_F(RelayTest, WhatMovedAndDoesNotComeBackIsGone) {
  limits.move_gap = 100ms;
  start();
  RtmpPeer publisher = this->publisher("show");
  begin(publisher, "k0");
  ASSERT_TRUE(control.wait([](const auto& seen) { return seen.told().size() == 1; }));
  RtmpPeer player = this->player("show");
  hear(player, 2);
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_EQ(hear(player, 1), Story{std::string(kUnpublished)});
}

TEST_F(RelayTest, AnInstanceThatDrainsIsRelayedFrom) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  holder_.service->set_accepting(false);
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
}

TEST_F(RelayTest, OnlyATokenOfItsStreamLetsARelayIn) {
  holder_.start();
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  for (const std::string& token :
       {std::string("none"), token_for(holder_, "live/other"),
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

TEST_F(RelayTest, WhatIsRelayedIsNotRelayedOn) {
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer player = this->player("show");
  hear(player, 2);
  RtmpPeer relay = this->player("show?relay=" + token_for(*this, "live/show"));
  const auto refused = relay.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Play.StreamNotFound");
}

TEST_F(RelayTest, ARelayLeavesWhenItsStreamIsRelayedHere) {
  other_.start();
  start();
  RtmpPeer here = publisher("show");
  begin(here, "here");
  ASSERT_TRUE(control.wait([](const auto& seen) { return seen.told().size() == 1; }));
  RtmpPeer player = this->player("show");
  hear(player, 2);
  RtmpPeer relay = this->player("show?relay=" + token_for(*this, "live/show"));
  EXPECT_EQ(hear(relay, 2), (Story{"0 header", "0 here"}));
  RtmpPeer there = other_.publisher("show");
  begin(there, "there");
  place("show", other_, 2);
  control.end_session("session-1", 1, v1::END_REASON_MOVED);
  EXPECT_TRUE(relay.wait_for<ClientRefused>());
  EXPECT_TRUE(relay.wait_closed());
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 there"}));
}

TEST_F(RelayTest, WithoutAWaitAPlayerStillWaitsForTheFirstAnswer) {
  limits.play_wait = 0ms;
  holder_.start();
  start();
  place("show", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer player = this->player("show");
  EXPECT_EQ(hear(player, 2), (Story{"0 header", "0 k0"}));
  RtmpPeer in_vain = this->player("nowhere");
  const auto refused = in_vain.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Play.StreamNotFound");
}

TEST_F(RelayTest, RelaysAreLimited) {
  limits.relays = 1;
  holder_.start();
  start();
  place("show", holder_, 1);
  place("second", holder_, 1);
  RtmpPeer publisher = holder_.publisher("show");
  begin(publisher, "k0");
  RtmpPeer second = holder_.publisher("second");
  ASSERT_TRUE(second.wait_for<ClientStarted>());
  RtmpPeer player = this->player("show");
  hear(player, 2);
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
