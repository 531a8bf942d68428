#include "media_svc/control_link/shutdown_codec.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "common/grpc/proto_time.h"

namespace weir::media::control_link {
namespace {

// "min_ready" for "DENIAL_REASON_MIN_READY".
std::string word(const std::string& name, std::string_view prefix) {
  std::string text = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Duration duration_from(const google::protobuf::Duration& duration) {
  return std::max(Duration{0}, wire::from_proto(duration).value_or(Duration{0}));
}

// The instance's own deadline bounds it anyway.
Duration deadline_from(const v1::ShutdownGrant& grant) {
  constexpr Duration kNoDeadline = std::chrono::hours{24 * 365};
  return grant.has_deadline() ? std::min(kNoDeadline, duration_from(grant.deadline()))
                              : kNoDeadline;
}

v1::ShutdownCause to_proto(ShutdownCause cause) {
  switch (cause) {
    case ShutdownCause::kLifetime:
      return v1::SHUTDOWN_CAUSE_LIFETIME;
    case ShutdownCause::kUnhealthy:
      return v1::SHUTDOWN_CAUSE_UNHEALTHY;
    case ShutdownCause::kSigterm:
      return v1::SHUTDOWN_CAUSE_SIGTERM;
  }
  return v1::SHUTDOWN_CAUSE_UNSPECIFIED;
}

ShutdownGrant grant_from(const v1::ShutdownGrant& grant) {
  return {.generation = grant.drain_generation(),
          .grace = duration_from(grant.grace_period()),
          .deadline = deadline_from(grant),
          .cause = word(v1::ShutdownCause_Name(grant.cause()), "SHUTDOWN_CAUSE_")};
}

ShutdownDenial denial_from(const v1::ShutdownDenial& denial) {
  return {.reason = word(v1::DenialReason_Name(denial.reason()), "DENIAL_REASON_"),
          .retry_after = duration_from(denial.retry_after()),
          .queue_position = denial.queue_position()};
}

}  // namespace

v1::Load to_proto(const InstanceStatus& status) {
  v1::Load load;
  load.set_publishers(status.publishers);
  load.set_players(status.players);
  load.set_max_publishers(status.max_publishers);
  load.set_max_players(status.max_players);
  load.set_cpu_utilization(status.cpu_utilization);
  load.set_egress_bits_per_second(status.egress_bits_per_second);
  *load.mutable_oldest_stream_age() = wire::to_proto(status.oldest_stream_age);
  return load;
}

v1::RequestShutdownRequest to_proto(const ShutdownRequest& request, const InstanceIdentity& from,
                                    const InstanceStatus& status) {
  v1::RequestShutdownRequest proto;
  proto.set_instance_id(from.instance_id);
  proto.set_incarnation(from.incarnation);
  proto.set_cause(to_proto(request.cause));
  if (request.cause == ShutdownCause::kSigterm) {
    *proto.mutable_time_left() = wire::to_proto(request.time_left);
  }
  *proto.mutable_load() = to_proto(status);
  return proto;
}

ShutdownAnswer answer_from(const grpc::Status& status,
                           const v1::RequestShutdownResponse& response) {
  if (!status.ok()) return ShutdownUnanswered{};
  if (response.has_grant()) return grant_from(response.grant());
  if (response.has_denial()) return denial_from(response.denial());
  return ShutdownUnanswered{};
}

std::optional<Order> order_from(const v1::AttachResponse& response) {
  switch (response.message_case()) {
    case v1::AttachResponse::kEndSession:
      return order_from(response.end_session());
    case v1::AttachResponse::kDrain:
      return grant_from(response.drain());
    case v1::AttachResponse::kDrainCancelled:
      return DrainCancelled{.generation = response.drain_cancelled().drain_generation()};
    case v1::AttachResponse::kMoveStream:
      return MoveOrder{.session_id = response.move_stream().session_id(),
                       .epoch = response.move_stream().epoch(),
                       .target = route_from(response.move_stream().target())};
    case v1::AttachResponse::kCordon:
      return CordonOrder{.on = response.cordon().on()};
    default:
      return std::nullopt;
  }
}

}  // namespace weir::media::control_link
