#include "control_svc/rpc/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/control_svc/log_lines.h"
#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class AuditTest : public LogLines, public ControlTest {
 protected:
  template <class Stub, class Request, class Response>
  void ask(Stub& stub,
           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
           const Request& request, const std::string& event, const std::string& result) {
    const grpc::Status status = call_on(stub, method, request).first;
    const std::string reason = status.ok() ? "OK" : reason_of(status);
    if (result != "DENIED") EXPECT_EQ(reason, result) << event;
    expected_.push_back({event, result});
  }

  struct Expected {
    std::string event;
    std::string result;
  };
  std::vector<Expected> expected_;
};

TEST_F(AuditTest, EveryCallOfAnOperatorLeavesALine) {
  using Instances = weir::v1::InstanceService::Stub;
  domain::InstanceHello hello;
  hello.instance_id = "media-1";
  hello.incarnation = "first";
  fleet_.take_in(hello, clock_.now(), [](const auto& outcome) { ASSERT_TRUE(outcome); });
  domain::InstanceSighting ready;
  ready.instance_id = "media-1";
  ready.incarnation = "first";
  ready.heard = clock_.now().steady;
  ready.ready = true;
  fleet_.watch({ready}, clock_.now(), [] {});

  KickSessionRequest kick;
  kick.set_session_id(admitted("alice", "live/1").session_id());
  ask(*stub_, &Sessions::Stub::KickSession, kick, "audit.kick", "OK");
  kick.set_session_id("nobody's");
  ask(*stub_, &Sessions::Stub::KickSession, kick, "audit.kick", "SESSION_NOT_FOUND");
  UnblockRequest unblock;
  unblock.set_user_id("alice");
  ask(*stub_, &Sessions::Stub::Unblock, unblock, "audit.unblock", "OK");
  UpdateUserLimitsRequest limits;
  limits.mutable_limits()->set_user_id("alice");
  limits.mutable_limits()->set_max_play_sessions(5);
  ask(*stub_, &Sessions::Stub::UpdateUserLimits, limits, "audit.limits", "OK");

  for (const auto& [id, result] : {std::pair("media-1", "OK"), {"media-2", "INSTANCE_NOT_FOUND"}}) {
    const auto about = [target = id](auto request) {
      request.set_instance_id(target);
      return request;
    };
    ask(*instances_, &Instances::CordonInstance, about(CordonInstanceRequest()), "audit.cordon",
        result);
    ask(*instances_, &Instances::UncordonInstance, about(UncordonInstanceRequest()),
        "audit.uncordon", result);
    auto drain = about(DrainInstanceRequest());
    if (result == std::string_view("OK")) {
      ask(*instances_, &Instances::DrainInstance, drain, "audit.drain", "DENIED");
    }
    drain.set_force(true);
    ask(*instances_, &Instances::DrainInstance, drain, "audit.drain", result);
    ask(*instances_, &Instances::CancelDrain, about(CancelDrainRequest()), "audit.cancel_drain",
        result);
  }
  SetDrainFreezeRequest freeze;
  freeze.set_frozen(true);
  ask(*instances_, &Instances::SetDrainFreeze, freeze, "audit.drain_freeze", "OK");
  MoveLiveStreamRequest move;
  move.set_stream_id("live/2");
  ask(*streams_, &v1::StreamService::Stub::MoveStream, move, "audit.move_stream",
      "STREAM_NOT_FOUND");

  const std::vector<std::string>& lines = finish();
  for (const auto& [event, result] : expected_) {
    EXPECT_THAT(lines, Contains(AllOf(HasSubstr("\"event\":\"" + event + "\""),
                                      HasSubstr("\"result\":\"" + result + "\""),
                                      HasSubstr("\"caller\":\"ipv4:127.0.0.1:"))));
  }
  EXPECT_EQ(lines.size(), expected_.size());
}

}  // namespace
}  // namespace weir::control::rpc
