#include "control_svc/rpc/stream_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/relay_token/relay_token.h"
#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using namespace weir::v1;
using testing::ElementsAre;
using Stub = v1::StreamService::Stub;

class StreamServiceTest : public ControlTest {
 protected:
  // An ACTIVE instance, as the fleet's record has it.
  void take_in(const std::string& id, const domain::Load& load = {}) {
    domain::InstanceHello hello;
    hello.instance_id = id;
    hello.incarnation = "first";
    hello.route.instance_id = id;
    hello.route.rtmp_url = "rtmp://" + id;
    fleet_.take_in(hello, clock_.now(), [](const auto& outcome) { ASSERT_TRUE(outcome); });
    domain::InstanceSighting sighting;
    sighting.instance_id = id;
    sighting.incarnation = "first";
    sighting.heard = clock_.now().steady;
    sighting.ready = true;
    sighting.load = load;
    sightings_.push_back(sighting);
    fleet_.watch(sightings_, clock_.now(), [] {});
  }

  Session publish(const std::string& stream, const std::string& instance = "") {
    auto request = admission("publisher of " + stream, stream, SESSION_KIND_PUBLISH);
    if (!instance.empty()) {
      request.set_instance_id(instance);
      request.set_incarnation("first");
    }
    const auto [status, response] = admit(request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session();
  }

  // What `asking` may show at the stream's holder.
  std::string token_for(const std::string& stream, const std::string& asking,
                        const std::string& incarnation) {
    GetStreamRequest request;
    request.set_stream_id(stream);
    request.set_instance_id(asking);
    request.set_incarnation(incarnation);
    return call_on(*streams_, &Stub::GetStream, request).second.relay_token();
  }

  auto get(const std::string& stream) {
    GetStreamRequest request;
    request.set_stream_id(stream);
    return call_on(*streams_, &Stub::GetStream, request);
  }

  std::vector<domain::InstanceSighting> sightings_;
};

TEST_F(StreamServiceTest, PicksTheLeastLoadedInstanceThatHasRoom) {
  domain::Load full;
  full.publishers = 1;
  full.max_publishers = 1;
  domain::Load busy;
  busy.players = 50;
  domain::Load idle;
  idle.players = 3;
  take_in("full", full);
  EXPECT_EQ(reason_of(call_on(*streams_, &Stub::PickInstance, PickInstanceRequest()).first),
            "NO_INSTANCE_CAPACITY");
  take_in("busy", busy);
  take_in("idle", idle);
  const auto [status, response] = call_on(*streams_, &Stub::PickInstance, PickInstanceRequest());
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.route().instance_id(), "idle");
}

TEST_F(StreamServiceTest, AStreamIsWhereItsPublisherIsAndCountsItsPlayers) {
  take_in("media-1");
  const Session publisher = publish("live/1", "media-1");
  admitted("alice", "live/1");
  admitted("bob", "live/1");
  admitted("bob", "live/2");
  const Stream stream = get("live/1").second.stream();
  EXPECT_EQ(stream.stream_id(), "live/1");
  EXPECT_EQ(stream.publish_session_id(), publisher.session_id());
  EXPECT_EQ(stream.user_id(), "publisher of live/1");
  EXPECT_EQ(stream.epoch(), 1);
  EXPECT_EQ(stream.players(), 2);
  EXPECT_EQ(stream.route().rtmp_url(), "rtmp://media-1");
  EXPECT_TRUE(stream.has_start_time());
}

TEST_F(StreamServiceTest, AStreamThatNobodyPublishesIsNotFound) {
  EXPECT_EQ(reason_of(get("live/1").first), "STREAM_NOT_FOUND");
  publish("live/1");
  clock_.advance(sessions_.settings().start_timeout);
  EXPECT_EQ(reason_of(get("live/1").first), "STREAM_NOT_FOUND");
}

TEST_F(StreamServiceTest, AnotherInstanceMayRelayAStreamAndNobodyElse) {
  take_in("media-1");
  take_in("media-2");
  publish("live/1", "media-1");
  publish("live/nowhere");
  const std::string token = token_for("live/1", "media-2", "first");
  const std::string key = relay_secret_.key_of("media-1", "first");
  EXPECT_TRUE(relay_token::is_valid(token, key, "live/1", clock_.now().wall));
  EXPECT_EQ(get("live/1").second.relay_token(), "");
  EXPECT_EQ(token_for("live/1", "media-1", "first"), "") << "it has the stream";
  EXPECT_EQ(token_for("live/1", "media-2", "older"), "");
  EXPECT_EQ(token_for("live/1", "media-3", "first"), "");
  EXPECT_EQ(token_for("live/nowhere", "media-2", "first"), "");
}

TEST_F(StreamServiceTest, ListsPageByPageWhileStreamsComeAndGo) {
  for (const char* name : {"live/3", "live/1", "live/4", "live/2"}) publish(name);
  ListStreamsRequest request;
  request.set_page_size(2);
  const auto first = call_on(*streams_, &Stub::ListStreams, request).second;
  const auto ids = [](const ListStreamsResponse& page) {
    std::vector<std::string> all;
    for (const Stream& stream : page.streams()) all.push_back(stream.stream_id());
    return all;
  };
  EXPECT_THAT(ids(first), ElementsAre("live/1", "live/2"));
  publish("live/0");
  request.set_page_token(first.next_page_token());
  const auto second = call_on(*streams_, &Stub::ListStreams, request).second;
  EXPECT_THAT(ids(second), ElementsAre("live/3", "live/4"));
  EXPECT_EQ(second.next_page_token(), "");
  request.set_instance_id("media-1");
  EXPECT_EQ(reason_of(call_on(*streams_, &Stub::ListStreams, request).first), "INVALID_FIELD");
}

TEST_F(StreamServiceTest, ListsWhatAnInstanceHolds) {
  take_in("media-1");
  publish("live/1", "media-1");
  publish("live/2");
  ListStreamsRequest request;
  request.set_instance_id("media-1");
  const auto page = call_on(*streams_, &Stub::ListStreams, request).second;
  ASSERT_EQ(page.streams_size(), 1);
  EXPECT_EQ(page.streams(0).stream_id(), "live/1");
}

}  // namespace
}  // namespace weir::control::rpc
