#include "control_svc/rpc/conversions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/grpc/proto_time.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;

class SessionMessage : public testing::Test {
 protected:
  SessionMessage() {
    session_.id = domain::SessionId(5, 1, 2);
    session_.texts = domain::PackedTexts({.stream_id = "live/cam",
                                          .instance_id = "media-1",
                                          .client_address = "192.0.2.1",
                                          .client_protocol = "rtmp",
                                          .client_user_agent = "obs",
                                          .client_device = "tv",
                                          .ended_by = "",
                                          .message = ""});
    session_.kind = domain::SessionKind::kPublish;
    session_.state = domain::SessionState::kActive;
    session_.epoch = 7;
    session_.created = clock_.now().wall;
    session_.lease.last_touch = clock_.now().steady;
    session_.lease.deadline = clock_.now().steady + 40s;
  }

  weir::v1::Session message() {
    weir::v1::Session proto;
    fill(session_, "alice", clock_.now(), proto);
    return proto;
  }

  FakeClock clock_;
  domain::Session session_;
};

TEST_F(SessionMessage, ShowsALiveSession) {
  const WallTime admitted = clock_.now().wall;
  clock_.advance(2s);
  const weir::v1::Session proto = message();
  EXPECT_EQ(proto.session_id(), session_.id.str());
  EXPECT_EQ(proto.user_id(), "alice");
  EXPECT_EQ(proto.stream_id(), "live/cam");
  EXPECT_EQ(proto.kind(), weir::v1::SESSION_KIND_PUBLISH);
  EXPECT_EQ(proto.state(), weir::v1::SESSION_STATE_ACTIVE);
  EXPECT_EQ(proto.instance_id(), "media-1");
  EXPECT_EQ(proto.epoch(), 7);
  EXPECT_EQ(proto.client().address(), "192.0.2.1");
  EXPECT_EQ(proto.client().protocol(), "rtmp");
  EXPECT_EQ(proto.client().user_agent(), "obs");
  EXPECT_EQ(proto.client().device(), "tv");
  EXPECT_EQ(wire::from_proto(proto.create_time()), admitted);
  EXPECT_EQ(wire::from_proto(proto.last_touch_time()), admitted);
  EXPECT_EQ(wire::from_proto(proto.expire_time()), admitted + 40s);
  EXPECT_FALSE(proto.has_end_time());
  EXPECT_EQ(proto.end_reason(), weir::v1::END_REASON_UNSPECIFIED);
}

TEST_F(SessionMessage, ShowsHowASessionEnded) {
  session_.state = domain::SessionState::kEnded;
  session_.end_reason = domain::EndReason::kDrainDeadline;
  session_.ended = clock_.now().wall;
  clock_.advance(1s);
  const weir::v1::Session proto = message();
  EXPECT_EQ(proto.state(), weir::v1::SESSION_STATE_ENDED);
  EXPECT_EQ(proto.end_reason(), weir::v1::END_REASON_DRAIN_DEADLINE);
  EXPECT_EQ(wire::from_proto(proto.end_time()), session_.ended);
  EXPECT_FALSE(proto.has_expire_time());
}

TEST_F(SessionMessage, SaysNothingOfALeaseThatIsNotKnown) {
  session_.lease = {};
  const weir::v1::Session proto = message();
  EXPECT_FALSE(proto.has_last_touch_time());
  EXPECT_FALSE(proto.has_expire_time());
}

TEST_F(SessionMessage, NeverMovesItsExpiryBecauseTheWallClockJumped) {
  clock_.advance(10s);
  clock_.jump_wall(-1h);
  EXPECT_EQ(*wire::from_proto(message().expire_time()) - clock_.now().wall, 30s);
}

TEST(AdmissionMessage, IsTranslatedWhole) {
  weir::v1::AdmitSessionRequest request;
  request.set_request_id("r-1");
  request.set_user_id("alice");
  request.set_stream_id("live/cam");
  request.set_kind(weir::v1::SESSION_KIND_PUBLISH);
  request.set_instance_id("media-1");
  request.set_incarnation("i-1");
  request.mutable_client()->set_address("192.0.2.1");
  request.mutable_client()->set_device("tv");
  request.set_resume_session_id("s-1");
  request.add_replace_session_ids("s-2");
  request.set_validate_only(true);
  const domain::AdmitRequest asked = to_domain(request);
  EXPECT_EQ(asked.request_id, "r-1");
  EXPECT_EQ(asked.user_id, "alice");
  EXPECT_EQ(asked.stream_id, "live/cam");
  EXPECT_EQ(asked.kind, domain::SessionKind::kPublish);
  EXPECT_EQ(asked.instance_id, "media-1");
  EXPECT_EQ(asked.incarnation, "i-1");
  EXPECT_EQ(asked.client.address, "192.0.2.1");
  EXPECT_EQ(asked.client.device, "tv");
  EXPECT_EQ(asked.resume_session_id, "s-1");
  EXPECT_THAT(asked.replace_session_ids, testing::ElementsAre("s-2"));
  EXPECT_TRUE(asked.validate_only);
}

TEST(KickMessage, TellsNoDurationFromZero) {
  weir::v1::KickSessionRequest request;
  EXPECT_EQ(to_domain(request, "op").block_duration, std::nullopt);
  request.mutable_block_duration();
  EXPECT_EQ(to_domain(request, "op").block_duration, 0ms);
  EXPECT_EQ(to_domain(request, "op").by, "op");
}

TEST(LimitsMessage, WithoutAMaskUpdatesWhatIsSet) {
  weir::v1::UpdateUserLimitsRequest request;
  request.mutable_limits()->set_max_play_sessions(5);
  const domain::LimitsUpdate update = to_domain(request);
  EXPECT_EQ(update.max_play_sessions, std::optional<std::int32_t>(5));
  EXPECT_EQ(update.max_publish_sessions, std::nullopt);
  EXPECT_EQ(update.policy, std::nullopt);
}

TEST(LimitsMessage, AMaskedFieldThatIsUnsetGoesBackToTheDefault) {
  weir::v1::UpdateUserLimitsRequest request;
  request.mutable_limits()->set_max_play_sessions(5);
  request.mutable_update_mask()->add_paths("max_publish_sessions");
  request.mutable_update_mask()->add_paths("policy");
  const domain::LimitsUpdate update = to_domain(request);
  EXPECT_EQ(update.max_play_sessions, std::nullopt) << "set, but not in the mask";
  ASSERT_TRUE(update.max_publish_sessions.has_value());
  EXPECT_EQ(*update.max_publish_sessions, std::nullopt);
  EXPECT_EQ(update.policy, domain::LimitPolicy::kDefault);
}

}  // namespace
}  // namespace weir::control::rpc
