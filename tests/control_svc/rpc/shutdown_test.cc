// The negotiation of shutdowns over a real gRPC server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/v1/instance_service.grpc.pb.h>
#include <weir/v1/stream_service.grpc.pb.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/grpc/proto_time.h"
#include "tests/control_svc/rpc/attach_fixture.h"
#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using namespace weir::v1;
using Instances = v1::InstanceService::Stub;
using Streams = v1::StreamService::Stub;

// Four ready instances "m0" to "m3", attached.
class Shutdown : public ControlTest {
 protected:
  Shutdown() {
    for (int i = 0; i < 4; ++i) attach("m" + std::to_string(i));
  }

  AttachedInstance& attach(const std::string& id, const std::string& incarnation = "first") {
    auto instance = std::make_unique<AttachedInstance>(*instances_, id, incarnation);
    instance->hello();
    instance->held();
    EXPECT_TRUE(instance->next(AttachResponse::kCordon)) << id;
    instance->report();
    // The report is heard before the answer to what follows it.
    wait_until([&] { return get(id).state() != INSTANCE_STATE_STARTING; });
    line_[id] = std::move(instance);
    return *line_[id];
  }

  template <class Condition>
  static void wait_until(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::sleep_for(2ms);
    }
  }

  // Everybody reports after a silence; in the end "m0" drains and the others take streams.
  template <class Report>
  void wait_until_drained_alone(Report report) {
    report();
    for (const auto& [id, line] : line_) {
      if (id != "m0") line->report();
    }
    wait_until([this] {
      watch_fleet();
      const auto listed = call_on(*instances_, &Instances::ListInstances, ListInstancesRequest());
      return std::ranges::all_of(listed.second.instances(), [](const Instance& each) {
        return each.state() ==
               (each.instance_id() == "m0" ? INSTANCE_STATE_DRAINING : INSTANCE_STATE_ACTIVE);
      });
    });
  }

  Instance get(const std::string& id) {
    GetInstanceRequest request;
    request.set_instance_id(id);
    return call_on(*instances_, &Instances::GetInstance, request).second.instance();
  }

  RequestShutdownResponse ask(const std::string& id, ShutdownCause cause, Duration time_left = 0s) {
    RequestShutdownRequest request;
    request.set_instance_id(id);
    request.set_incarnation("first");
    request.set_cause(cause);
    if (time_left > 0s) *request.mutable_time_left() = wire::to_proto(time_left);
    const auto [status, response] = call_on(*instances_, &Instances::RequestShutdown, request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  auto drain(const std::string& id, bool force = false) {
    DrainInstanceRequest request;
    request.set_instance_id(id);
    request.set_message("maintenance");
    request.set_force(force);
    return call_on(*instances_, &Instances::DrainInstance, request);
  }

  auto cancel(const std::string& id) {
    CancelDrainRequest request;
    request.set_instance_id(id);
    return call_on(*instances_, &Instances::CancelDrain, request);
  }

  Session publish(const std::string& stream, const std::string& instance) {
    auto request = admission("publisher of " + stream, stream, SESSION_KIND_PUBLISH);
    request.set_instance_id(instance);
    request.set_incarnation("first");
    const auto [status, response] = admit(request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session();
  }

  auto move(const std::string& stream, const std::string& target = "") {
    MoveLiveStreamRequest request;
    request.set_stream_id(stream);
    request.set_target_instance_id(target);
    return call_on(*streams_, &Streams::MoveStream, request);
  }

  std::map<std::string, std::unique_ptr<AttachedInstance>> line_;
};

TEST_F(Shutdown, AGrantIsAnsweredAndToldAndRepeatedAfterHello) {
  const ShutdownGrant grant = ask("m0", SHUTDOWN_CAUSE_LIFETIME).grant();
  EXPECT_EQ(grant.drain_generation(), 1);
  EXPECT_EQ(wire::from_proto(grant.grace_period()), 10s);
  EXPECT_EQ(wire::from_proto(grant.deadline()), 1h);
  EXPECT_EQ(get("m0").state(), INSTANCE_STATE_GRACE);
  EXPECT_EQ(get("m0").drain().cause(), SHUTDOWN_CAUSE_LIFETIME);
  EXPECT_EQ(observer_.shutdown_requests, 1);
  const auto told = line_["m0"]->next(AttachResponse::kDrain);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->drain().drain_generation(), 1);

  clock_.advance(4s);
  auto& again = attach("m0");
  const auto repeated = again.next(AttachResponse::kDrain);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(wire::from_proto(repeated->drain().grace_period()), 6s) << "what is left";
}

TEST_F(Shutdown, ADenialIsAnAnswer) {
  ASSERT_TRUE(ask("m0", SHUTDOWN_CAUSE_LIFETIME).has_grant());
  const ShutdownDenial first = ask("m1", SHUTDOWN_CAUSE_LIFETIME).denial();
  EXPECT_EQ(first.reason(), DENIAL_REASON_TOO_MANY_DRAINING);
  EXPECT_EQ(first.queue_position(), 1);
  EXPECT_EQ(wire::from_proto(first.retry_after()), 10s);
  EXPECT_EQ(ask("m2", SHUTDOWN_CAUSE_UNHEALTHY).denial().queue_position(), 2);
  EXPECT_TRUE(ask("m3", SHUTDOWN_CAUSE_SIGTERM, 20s).has_grant());
  EXPECT_EQ(wire::from_proto(line_["m3"]->next(AttachResponse::kDrain)->drain().deadline()), 15s);
}

TEST_F(Shutdown, AnOperatorDrainsTakesBackAndForces) {
  EXPECT_EQ(drain("m0").second.grant().message(), "maintenance");
  ASSERT_TRUE(line_["m0"]->next(AttachResponse::kDrain));
  EXPECT_TRUE(drain("m1").second.has_denial());
  EXPECT_TRUE(drain("m1", true).second.has_grant());

  const auto [status, response] = cancel("m0");
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.instance().state(), INSTANCE_STATE_ACTIVE);
  const auto told = line_["m0"]->next(AttachResponse::kDrainCancelled);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->drain_cancelled().drain_generation(), 1);
  EXPECT_EQ(reason_of(cancel("m0").first), "INVALID_STATE");
  EXPECT_EQ(reason_of(cancel("nobody").first), "INSTANCE_NOT_FOUND");
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 20s);
  EXPECT_EQ(reason_of(cancel("m0").first), "SHUTDOWN_IRREVOCABLE");
}

TEST_F(Shutdown, AStaleIncarnationIsRefused) {
  RequestShutdownRequest request;
  request.set_instance_id("m0");
  request.set_incarnation("older");
  request.set_cause(SHUTDOWN_CAUSE_SIGTERM);
  const auto [status, response] = call_on(*instances_, &Instances::RequestShutdown, request);
  EXPECT_EQ(reason_of(status), "STALE_INCARNATION");
}

TEST_F(Shutdown, ACordonIsToldAndSeen) {
  CordonInstanceRequest request;
  request.set_instance_id("m0");
  const auto cordoned = call_on(*instances_, &Instances::CordonInstance, request);
  EXPECT_TRUE(cordoned.second.instance().cordoned());
  EXPECT_TRUE(line_["m0"]->next(AttachResponse::kCordon)->cordon().on());
  auto refused = admission("ann", "live/1", SESSION_KIND_PUBLISH);
  refused.set_instance_id("m0");
  refused.set_incarnation("first");
  EXPECT_EQ(reason_of(admit(refused).first), "INSTANCE_NOT_ACCEPTING");
  UncordonInstanceRequest back;
  back.set_instance_id("m0");
  EXPECT_FALSE(
      call_on(*instances_, &Instances::UncordonInstance, back).second.instance().cordoned());
  EXPECT_FALSE(line_["m0"]->next(AttachResponse::kCordon)->cordon().on());
}

TEST_F(Shutdown, WhatIsWantedIsSaidAgainAfterEveryHello) {
  drain("m0");
  ASSERT_TRUE(cancel("m0").first.ok());
  CordonInstanceRequest request;
  request.set_instance_id("m0");
  ASSERT_TRUE(call_on(*instances_, &Instances::CordonInstance, request).first.ok());
  for (const char* incarnation : {"first", "second"}) {
    AttachedInstance again(*instances_, "m0", incarnation);
    again.hello();
    again.held();
    const auto cordon = again.next(AttachResponse::kCordon);
    ASSERT_TRUE(cordon) << incarnation;
    EXPECT_TRUE(cordon->cordon().on()) << incarnation;
    const auto cancelled = again.next(AttachResponse::kDrainCancelled);
    ASSERT_TRUE(cancelled) << incarnation;
    EXPECT_EQ(cancelled->drain_cancelled().drain_generation(), 1) << incarnation;
  }
}

TEST_F(Shutdown, AFreezeHoldsUntilItIsOver) {
  SetDrainFreezeRequest request;
  request.set_frozen(true);
  request.set_message("final");
  *request.mutable_duration() = wire::to_proto(Duration{60s});
  const auto frozen = call_on(*instances_, &Instances::SetDrainFreeze, request);
  EXPECT_TRUE(frozen.second.freeze().has_expire_time());
  EXPECT_EQ(drain("m0", true).second.denial().reason(), DENIAL_REASON_FROZEN);
  const auto listed = call_on(*instances_, &Instances::ListInstances, ListInstancesRequest());
  EXPECT_EQ(listed.second.freeze().message(), "final");
  clock_.advance(60s);
  EXPECT_FALSE(call_on(*instances_, &Instances::ListInstances, ListInstancesRequest())
                   .second.freeze()
                   .frozen());
  EXPECT_TRUE(drain("m0").second.has_grant());
}

TEST_F(Shutdown, WhoHasSaidAllAndLeavesIsStoppedAtOnce) {
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 60s);
  line_["m0"]->report_drain(1, 0);
  line_["m0"]->leave();
  EXPECT_TRUE(line_["m0"]->status().ok());
  wait_until([&] { return get("m0").state() == INSTANCE_STATE_STOPPED; });
}

// Not by the instance's word alone.
TEST_F(Shutdown, NothingIsLeftOnlyWhenTheRecordsAgree) {
  const Session session = publish("live/1", "m0");
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 60s);
  clock_.advance(10s);
  wait_until_drained_alone([this] { line_["m0"]->report_drain(1, 0); });
  watch_fleet();
  EXPECT_EQ(get("m0").state(), INSTANCE_STATE_DRAINING);

  ReleaseSessionRequest request;
  request.set_session_id(session.session_id());
  ASSERT_TRUE(call(&Sessions::Stub::ReleaseSession, request).first.ok());
  watch_fleet();
  EXPECT_EQ(get("m0").state(), INSTANCE_STATE_STOPPED);
}

TEST_F(Shutdown, AMovedPublisherNeedsNoSecondSlotAndTheOldConnectionGoesLast) {
  const Session session = publish("live/1", "m0");
  line_["m0"]->event(1, session, SESSION_EVENT_KIND_STARTED);
  ASSERT_TRUE(line_["m0"]->taken(1));
  const auto [status, response] = move("live/1", "m2");
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.stream().route().instance_id(), "m0") << "nothing changes until it arrives";
  const auto told = line_["m0"]->next(AttachResponse::kMoveStream);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->move_stream().session_id(), session.session_id());
  EXPECT_EQ(told->move_stream().target().instance_id(), "m2");

  // The balancer put it elsewhere than it was asked to go.
  const Session arrived = publish("live/1", "m3");
  EXPECT_EQ(arrived.session_id(), session.session_id());
  EXPECT_EQ(arrived.epoch(), session.epoch() + 1);
  const auto end = line_["m0"]->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason(), END_REASON_MOVED);
  EXPECT_EQ(end->epoch(), session.epoch());
}

TEST_F(Shutdown, WhatCannotBeMoved) {
  EXPECT_EQ(reason_of(move("live/none").first), "STREAM_NOT_FOUND");
  publish("live/1", "m0");
  EXPECT_EQ(reason_of(move("live/1", "m0").first), "INVALID_STATE");
  EXPECT_EQ(reason_of(move("live/1", "m9").first), "INSTANCE_NOT_FOUND");
  ask("m1", SHUTDOWN_CAUSE_SIGTERM, 60s);
  EXPECT_EQ(reason_of(move("live/1", "m1").first), "INSTANCE_NOT_ACCEPTING");
  line_.erase("m0");
  wait_until([&] { return !lines_.attached("m0"); });
  EXPECT_EQ(reason_of(move("live/1", "m2").first), "INSTANCE_UNREACHABLE");
}

TEST_F(Shutdown, ADrainMovesItsStreamsAtItsPaceAndSaysItAgainAfterHello) {
  constexpr int kPublishers = 12;
  for (int i = 0; i < kPublishers; ++i) publish("live/" + std::to_string(i), "m0");
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 60s);
  move_streams();
  clock_.advance(11s);
  wait_until_drained_alone([this] { line_["m0"]->report(false); });
  std::map<std::string, int> targets;
  const auto count_moves = [&](int expected) {
    for (int i = 0; i < expected; ++i) {
      const auto told = line_["m0"]->next(AttachResponse::kMoveStream);
      ASSERT_TRUE(told);
      ++targets[told->move_stream().target().instance_id()];
    }
  };
  move_streams();
  count_moves(1);
  clock_.advance(1s);
  move_streams();
  count_moves(5);
  EXPECT_EQ(targets.size(), 3U) << "they are spread";

  attach("m0");
  targets.clear();
  clock_.advance(1s);
  move_streams();
  clock_.advance(3s);
  move_streams();
  count_moves(kPublishers);
}

TEST_F(Shutdown, AllAreAskedInTimeToGoBeforeTheDeadline) {
  constexpr int kPublishers = 300;
  for (int i = 0; i < kPublishers; ++i) publish("live/" + std::to_string(i), "m0");
  // A deadline of 12 s, of which 3 s are grace, and 5 s for the last to go.
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 16s);
  clock_.advance(3s);
  wait_until_drained_alone([this] { line_["m0"]->report(false); });
  for (Duration passed{0}; passed <= 4s; passed += 100ms) {
    move_streams();
    clock_.advance(100ms);
  }
  for (int i = 0; i < kPublishers; ++i) {
    ASSERT_TRUE(line_["m0"]->next(AttachResponse::kMoveStream)) << i;
  }
}

TEST_F(Shutdown, WhatIsLeftAtTheDeadlineIsInterruptedAndEndsSo) {
  const Session session = publish("live/1", "m0");
  line_["m0"]->event(1, session, SESSION_EVENT_KIND_STARTED);
  ASSERT_TRUE(line_["m0"]->taken(1));
  ask("m0", SHUTDOWN_CAUSE_SIGTERM, 20s);
  clock_.advance(15s);
  watch_fleet();
  EXPECT_EQ(get("m0").state(), INSTANCE_STATE_STOPPED);
  clock_.advance(30s);
  GetSessionRequest request;
  request.set_session_id(session.session_id());
  const Session ended = call(&Sessions::Stub::GetSession, request).second.session();
  EXPECT_EQ(ended.end_reason(), END_REASON_DRAIN_DEADLINE);
}

}  // namespace
}  // namespace weir::control::rpc
