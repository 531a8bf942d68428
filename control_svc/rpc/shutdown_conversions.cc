#include "control_svc/rpc/shutdown_conversions.h"

#include <algorithm>
#include <string>

#include "common/grpc/proto_time.h"
#include "control_svc/domain/session.h"
#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

static_assert(static_cast<int>(domain::ShutdownCause::kLifetime) ==
              weir::v1::SHUTDOWN_CAUSE_LIFETIME);
static_assert(static_cast<int>(domain::ShutdownCause::kUnhealthy) ==
              weir::v1::SHUTDOWN_CAUSE_UNHEALTHY);
static_assert(static_cast<int>(domain::DenialReason::kTooManyDraining) ==
              weir::v1::DENIAL_REASON_TOO_MANY_DRAINING);
static_assert(static_cast<int>(domain::DenialReason::kFrozen) == weir::v1::DENIAL_REASON_FROZEN);

const char* text_of(domain::DenialReason reason) {
  switch (reason) {
    case domain::DenialReason::kTooManyDraining:
      return "as many instances drain, or go first, as may at a time";
    case domain::DenialReason::kMinReady:
      return "too few ready instances would be left";
    case domain::DenialReason::kNoCapacityElsewhere:
      return "the other instances could not carry today's streams";
    case domain::DenialReason::kFrozen:
      return "an operator has frozen drains";
  }
  return "";
}

google::protobuf::Duration left_until(SteadyTime moment, Now now) {
  return wire::to_proto(std::max(moment - now.steady, Duration::zero()));
}

std::optional<Duration> given(bool set, const google::protobuf::Duration& duration) {
  return set ? wire::from_proto(duration) : std::nullopt;
}

}  // namespace

weir::v1::ShutdownGrant to_grant(const domain::Drain& drain, Now now) {
  weir::v1::ShutdownGrant grant;
  *grant.mutable_grace_period() = left_until(drain.grace_end, now);
  *grant.mutable_migrate_after() = left_until(drain.migrate_at, now);
  *grant.mutable_deadline() = left_until(drain.deadline, now);
  grant.set_drain_generation(drain.generation);
  grant.set_cause(static_cast<weir::v1::ShutdownCause>(drain.cause));
  grant.set_message(drain.message);
  return grant;
}

weir::v1::ShutdownDenial to_proto(const domain::ShutdownDenial& denial) {
  weir::v1::ShutdownDenial proto;
  proto.set_reason(static_cast<weir::v1::DenialReason>(denial.reason));
  *proto.mutable_retry_after() = wire::to_proto(denial.retry_after);
  proto.set_queue_position(denial.queue_position);
  proto.set_message(text_of(denial.reason));
  return proto;
}

weir::v1::DrainFreeze to_proto(const std::optional<domain::DrainFreeze>& freeze, Now now) {
  weir::v1::DrainFreeze proto;
  if (!freeze || now.steady >= freeze->until) return proto;
  proto.set_frozen(true);
  proto.set_message(freeze->message);
  if (freeze->until != domain::kNever) {
    *proto.mutable_expire_time() = wire::to_proto(domain::on_wall(freeze->until, now));
  }
  return proto;
}

weir::v1::Drain to_proto(const domain::Drain& drain, const domain::InstanceSighting* sighting,
                         Now now) {
  const auto at = [now](SteadyTime moment) { return wire::to_proto(domain::on_wall(moment, now)); };
  weir::v1::Drain proto;
  proto.set_cause(static_cast<weir::v1::ShutdownCause>(drain.cause));
  proto.set_message(drain.message);
  *proto.mutable_request_time() = at(drain.requested);
  *proto.mutable_grace_end_time() = at(drain.grace_end);
  *proto.mutable_migrate_time() = at(drain.migrate_at);
  *proto.mutable_deadline_time() = at(drain.deadline);
  proto.set_drain_generation(drain.generation);
  if (sighting != nullptr) {
    proto.set_remaining_publishers(sighting->remaining_publishers);
    proto.set_remaining_players(sighting->remaining_players);
  }
  return proto;
}

domain::ShutdownRequest to_domain(const weir::v1::RequestShutdownRequest& request) {
  domain::ShutdownRequest asked;
  asked.instance_id = request.instance_id();
  asked.incarnation = request.incarnation();
  asked.cause = static_cast<domain::ShutdownCause>(request.cause());
  asked.time_left = given(request.has_time_left(), request.time_left());
  if (request.has_load()) asked.load = to_domain(request.load());
  return asked;
}

domain::ShutdownRequest to_domain(const weir::v1::DrainInstanceRequest& request) {
  domain::ShutdownRequest asked;
  asked.instance_id = request.instance_id();
  asked.cause = domain::ShutdownCause::kOperator;
  asked.wish = {.grace = given(request.has_grace_period(), request.grace_period()),
                .migrate_after = given(request.has_migrate_after(), request.migrate_after()),
                .deadline = given(request.has_deadline(), request.deadline())};
  asked.force = request.force();
  asked.message = request.message();
  return asked;
}

std::optional<domain::DrainFreeze> to_domain(const weir::v1::SetDrainFreezeRequest& request,
                                             Now now) {
  if (!request.frozen()) return std::nullopt;
  const auto duration = given(request.has_duration(), request.duration());
  return domain::DrainFreeze{.message = request.message(),
                             .until = duration ? now.steady + *duration : domain::kNever};
}

}  // namespace weir::control::rpc
