#include "control_svc/rpc/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "common/grpc/proto_time.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;
using domain::FieldCheck;

constexpr std::int32_t kMaxUserSessions = 10'000;
// google/protobuf/duration.proto allows 10,000 years; nobody is kept out so long.
constexpr Duration kMaxDuration = std::chrono::hours{24 * 3650};

void check_kind(FieldCheck& check, SessionKind kind) {
  check.that(kind != SESSION_KIND_UNSPECIFIED && SessionKind_IsValid(kind), "kind",
             "must be publish or play");
}

void check_optional_stream(FieldCheck& check, const std::string& stream_id) {
  if (!stream_id.empty()) check.stream_id("stream_id", stream_id);
}

void check_client(FieldCheck& check, const Client& client) {
  check.text("client.address", client.address())
      .text("client.protocol", client.protocol())
      .text("client.user_agent", client.user_agent())
      .text("client.device", client.device());
}

void check_duration(FieldCheck& check, std::string_view field,
                    const google::protobuf::Duration& duration) {
  const auto value = wire::from_proto(duration);
  check.that(value && *value >= Duration::zero() && *value <= kMaxDuration, field,
             "must be between 0 and 3650 days");
}

bool is_amount(double value) { return std::isfinite(value) && value >= 0; }

// Zero asks for the default and a large page is cut, so only a negative one is wrong.
void check_page(FieldCheck& check, std::int32_t page_size, const std::string& page_token) {
  check.that(page_size >= 0, "page_size", "must not be negative").text("page_token", page_token);
}

void check_user_limit(FieldCheck& check, std::string_view field, std::int32_t value) {
  check.that(value >= 0 && value <= kMaxUserSessions, field, "must be between 0 and 10,000");
}

void check_limits_mask(FieldCheck& check, const google::protobuf::FieldMask& mask) {
  constexpr std::array<std::string_view, 3> kPaths = {"max_play_sessions", "max_publish_sessions",
                                                      "policy"};
  const bool known = std::ranges::all_of(mask.paths(), [&kPaths](const std::string& path) {
    return std::ranges::find(kPaths, path) != kPaths.end();
  });
  check.that(known, "update_mask", "must name fields of the limits");
}

// `prefix` is where the load is in its message: "load.".
void check_load(FieldCheck& check, const std::string& prefix, const Load& load) {
  const auto check_count = [&](std::string_view name, std::int64_t value) {
    check.that(value >= 0, prefix + std::string(name), "must not be negative");
  };
  check_count("publishers", load.publishers());
  check_count("players", load.players());
  check_count("max_publishers", load.max_publishers());
  check_count("max_players", load.max_players());
  check_count("egress_bits_per_second", load.egress_bits_per_second());
  check.that(is_amount(load.cpu_utilization()), prefix + "cpu_utilization",
             "must be a finite number, not negative");
  check_duration(check, prefix + "oldest_stream_age", load.oldest_stream_age());
}

// `prefix` is where the summary is in its message: "media.".
void check_media(FieldCheck& check, const std::string& prefix, const MediaSummary& media) {
  check.optional_id(prefix + "video_codec", media.video_codec())
      .optional_id(prefix + "audio_codec", media.audio_codec())
      .that(media.width() >= 0, prefix + "width", "must not be negative")
      .that(media.height() >= 0, prefix + "height", "must not be negative")
      .that(is_amount(media.frame_rate()), prefix + "frame_rate",
            "must be a finite number, not negative")
      .that(media.bytes() >= 0, prefix + "bytes", "must not be negative");
  check_duration(check, prefix + "duration", media.duration());
}

template <class Request>
FieldCheck check_session_id(const Request& request) {
  FieldCheck check;
  check.id("session_id", request.session_id());
  return check;
}

template <class Request>
FieldCheck check_instance_id(const Request& request) {
  FieldCheck check;
  check.id("instance_id", request.instance_id());
  return check;
}

}  // namespace

FieldCheck validate(const AdmitSessionRequest& request) {
  FieldCheck check;
  check.optional_id("request_id", request.request_id())
      .optional_user_id("user_id", request.user_id())
      .text("credential", request.credential())
      .stream_id("stream_id", request.stream_id());
  check_kind(check, request.kind());
  check.optional_id("instance_id", request.instance_id())
      .optional_id("incarnation", request.incarnation());
  check_client(check, request.client());
  check.optional_id("resume_session_id", request.resume_session_id());
  if (request.replace_session_ids_size() > kMaxReplacedSessions) {
    return check.that(false, "replace_session_ids", "must name at most 100 sessions");
  }
  for (int i = 0; i < request.replace_session_ids_size(); ++i) {
    check.id(fmt::format("replace_session_ids[{}]", i), request.replace_session_ids(i));
  }
  return check;
}

FieldCheck validate(const TouchSessionRequest& request) {
  return check_session_id(request)
      .user_id("user_id", request.user_id())
      .stream_id("stream_id", request.stream_id());
}

FieldCheck validate(const BatchTouchSessionsRequest& request) {
  return FieldCheck{}.that(request.session_ids_size() <= kMaxBatchTouches, "session_ids",
                           "must name at most 10,000 sessions");
}

FieldCheck validate(const PauseSessionRequest& request) { return check_session_id(request); }
FieldCheck validate(const ResumeSessionRequest& request) { return check_session_id(request); }
FieldCheck validate(const ReleaseSessionRequest& request) { return check_session_id(request); }
FieldCheck validate(const GetSessionRequest& request) { return check_session_id(request); }

FieldCheck validate(const SwitchStreamRequest& request) {
  return check_session_id(request)
      .stream_id("stream_id", request.stream_id())
      .text("credential", request.credential());
}

FieldCheck validate(const KickSessionRequest& request) {
  FieldCheck check = check_session_id(request).text("message", request.message());
  if (request.has_block_duration()) {
    check_duration(check, "block_duration", request.block_duration());
  }
  return check;
}

FieldCheck validate(const ListSessionsRequest& request) {
  FieldCheck check;
  check.optional_user_id("user_id", request.user_id());
  check_optional_stream(check, request.stream_id());
  check.optional_id("instance_id", request.instance_id());
  if (request.kind() != SESSION_KIND_UNSPECIFIED) check_kind(check, request.kind());
  const bool known = std::ranges::all_of(request.states(), [](int state) {
    return state != SESSION_STATE_UNSPECIFIED && SessionState_IsValid(state);
  });
  check.that(known, "states", "must be states of a session");
  check.that(request.states_size() <= kMaxFilterValues, "states", "must be at most 100");
  check_page(check, request.page_size(), request.page_token());
  return check;
}

FieldCheck validate(const ListBlocksRequest& request) {
  FieldCheck check;
  check.optional_user_id("user_id", request.user_id());
  check_page(check, request.page_size(), request.page_token());
  return check;
}

FieldCheck validate(const UnblockRequest& request) {
  FieldCheck check;
  check.user_id("user_id", request.user_id());
  check_optional_stream(check, request.stream_id());
  return check;
}

FieldCheck validate(const GetUserLimitsRequest& request) {
  return FieldCheck{}.user_id("user_id", request.user_id());
}

FieldCheck validate(const UpdateUserLimitsRequest& request) {
  const UserLimits& limits = request.limits();
  FieldCheck check;
  check.user_id("limits.user_id", limits.user_id());
  if (limits.has_max_play_sessions()) {
    check_user_limit(check, "limits.max_play_sessions", limits.max_play_sessions());
  }
  if (limits.has_max_publish_sessions()) {
    check_user_limit(check, "limits.max_publish_sessions", limits.max_publish_sessions());
  }
  check.that(LimitPolicy_IsValid(limits.policy()), "limits.policy", "must be a known policy");
  check_limits_mask(check, request.update_mask());
  return check;
}

FieldCheck validate(const Hello& hello) {
  FieldCheck check;
  check.id("instance_id", hello.instance_id()).id("incarnation", hello.incarnation());
  check.text("version", hello.version())
      .optional_id("route.instance_id", hello.route().instance_id())
      .text("route.rtmp_url", hello.route().rtmp_url())
      .text("route.http_url", hello.route().http_url())
      .text("route.rtmps_url", hello.route().rtmps_url())
      .text("route.relay_url", hello.route().relay_url());
  return check;
}

FieldCheck validate(const HeldSessions& held) {
  FieldCheck check;
  if (held.sessions_size() > kMaxSessionsAMessage) {
    return check.that(false, "sessions", "must be at most 1,000 a message");
  }
  for (int i = 0; i < held.sessions_size(); ++i) {
    const HeldSession& session = held.sessions(i);
    const auto field = [i](std::string_view name) {
      return fmt::format("sessions[{}].{}", i, name);
    };
    const auto id = domain::SessionId::parse(session.session_id());
    check.that(id.has_value(), field("session_id"), "must be the id of a session");
    check.that(session.epoch() >= 0 && session.epoch() <= kMaxHeldEpoch, field("epoch"),
               "must be an epoch that control has given");
    check.that(!validate(session.admission()).refusal(), field("admission"),
               "must be a valid admission");
    check_media(check, field("media."), session.media());
    // A session lives with its user, so its id tells where.
    const std::string user = to_domain(session).admission.user_id;
    check.that(!id || id->bucket() == domain::bucket_of(user), field("session_id"),
               "must be of the admission's user");
  }
  return check;
}

FieldCheck validate_touches(std::size_t sessions) {
  return FieldCheck{}.that(sessions <= kMaxSessionsAMessage, "session_ids",
                           "must be at most 1,000 a message");
}

FieldCheck validate(const Report& report) {
  FieldCheck check;
  check_load(check, "load.", report.load());
  check.that(report.drain_generation() >= 0, "drain_generation", "must not be negative")
      .that(report.remaining_publishers() >= 0, "remaining_publishers", "must not be negative")
      .that(report.remaining_players() >= 0, "remaining_players", "must not be negative");
  return check;
}

FieldCheck validate(const SessionEvent& event) {
  FieldCheck check;
  check.that(event.sequence() > 0, "sequence", "must be positive")
      .id("session_id", event.session_id())
      .that(event.epoch() >= 0, "epoch", "must not be negative")
      .that(
          event.kind() != SESSION_EVENT_KIND_UNSPECIFIED && SessionEventKind_IsValid(event.kind()),
          "kind", "must be a known kind")
      .that(wire::from_proto(event.event_time()).has_value(), "event_time",
            "must be a time of the years 1 to 9999")
      .text("message", event.message());
  check_media(check, "media.", event.media());
  return check;
}

FieldCheck validate(const RequestShutdownRequest& request) {
  FieldCheck check = check_instance_id(request);
  check.id("incarnation", request.incarnation())
      .that(request.cause() != SHUTDOWN_CAUSE_UNSPECIFIED && ShutdownCause_IsValid(request.cause()),
            "cause", "must be a known cause");
  if (request.has_time_left()) check_duration(check, "time_left", request.time_left());
  check_load(check, "load.", request.load());
  return check;
}

FieldCheck validate(const DrainInstanceRequest& request) {
  FieldCheck check = check_instance_id(request);
  check.text("message", request.message());
  if (request.has_grace_period()) check_duration(check, "grace_period", request.grace_period());
  if (request.has_migrate_after()) check_duration(check, "migrate_after", request.migrate_after());
  if (request.has_deadline()) check_duration(check, "deadline", request.deadline());
  return check;
}

FieldCheck validate(const SetDrainFreezeRequest& request) {
  FieldCheck check;
  check.text("message", request.message());
  if (request.has_duration()) check_duration(check, "duration", request.duration());
  return check;
}

FieldCheck validate(const CancelDrainRequest& request) { return check_instance_id(request); }
FieldCheck validate(const CordonInstanceRequest& request) { return check_instance_id(request); }
FieldCheck validate(const UncordonInstanceRequest& request) { return check_instance_id(request); }
FieldCheck validate(const GetInstanceRequest& request) { return check_instance_id(request); }

FieldCheck validate(const ListInstancesRequest& request) {
  FieldCheck check;
  const bool known = std::ranges::all_of(request.states(), [](int state) {
    return state != INSTANCE_STATE_UNSPECIFIED && InstanceState_IsValid(state);
  });
  check.that(known, "states", "must be states of an instance");
  check.that(request.states_size() <= kMaxFilterValues, "states", "must be at most 100");
  check_page(check, request.page_size(), request.page_token());
  return check;
}

FieldCheck validate(const PickInstanceRequest& request) {
  FieldCheck check;
  check_optional_stream(check, request.stream_id());
  return check;
}

FieldCheck validate(const GetStreamRequest& request) {
  FieldCheck check;
  check.stream_id("stream_id", request.stream_id());
  check.optional_id("instance_id", request.instance_id());
  if (!request.instance_id().empty()) check.id("incarnation", request.incarnation());
  return check;
}

FieldCheck validate(const ListStreamsRequest& request) {
  FieldCheck check;
  check.optional_id("instance_id", request.instance_id());
  check_page(check, request.page_size(), request.page_token());
  return check;
}

FieldCheck validate(const MoveLiveStreamRequest& request) {
  FieldCheck check;
  check.stream_id("stream_id", request.stream_id())
      .optional_id("target_instance_id", request.target_instance_id());
  return check;
}

FieldCheck validate(const WatchEventsRequest& request) {
  FieldCheck check;
  check.that(request.types_size() <= kMaxFilterValues, "types", "must be at most 100");
  const bool known = std::ranges::all_of(request.types(), [](const std::string& type) {
    return !type.empty() && domain::begins_event_name(type);
  });
  check.that(known, "types", "must begin the names of events");
  check.optional_user_id("user_id", request.user_id());
  check_optional_stream(check, request.stream_id());
  check.optional_id("instance_id", request.instance_id())
      .text("resume_token", request.resume_token());
  return check;
}

}  // namespace weir::control::rpc
