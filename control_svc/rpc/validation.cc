#include "control_svc/rpc/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/grpc/proto_time.h"

namespace weir::control::rpc {
namespace {

using namespace weir::v1;

constexpr std::int32_t kMaxUserSessions = 10'000;

void require_kind(FieldErrors& errors, std::string_view field, SessionKind kind) {
  if (kind == SESSION_KIND_UNSPECIFIED) errors.add(std::string(field), "is not set");
  if (!SessionKind_IsValid(kind)) errors.add(std::string(field), "is not a known kind");
}

void allow_duration(FieldErrors& errors, std::string_view field,
                    const google::protobuf::Duration& duration) {
  const auto value = wire::from_proto(duration);
  if (!value) errors.add(std::string(field), "is not a valid duration");
  if (value && *value < Duration::zero()) errors.add(std::string(field), "is negative");
}

void allow_page(FieldErrors& errors, std::int32_t page_size, const std::string& page_token) {
  errors.allow_page_size("page_size", page_size);
  errors.allow_text("page_token", page_token);
}

template <class Request>
FieldErrors validate_session_id(const Request& request) {
  FieldErrors errors;
  errors.require_id("session_id", request.session_id());
  return errors;
}

void allow_client(FieldErrors& errors, const Client& client) {
  errors.allow_text("client.address", client.address());
  errors.allow_text("client.protocol", client.protocol());
  errors.allow_text("client.user_agent", client.user_agent());
  errors.allow_text("client.device", client.device());
}

void allow_user_limit(FieldErrors& errors, std::string_view field, std::int32_t value) {
  if (value < 0) errors.add(std::string(field), "is negative");
  if (value > kMaxUserSessions) errors.add(std::string(field), "is above 10,000");
}

void allow_limits_mask(FieldErrors& errors, const google::protobuf::FieldMask& mask) {
  constexpr std::array<std::string_view, 3> kPaths = {"max_play_sessions", "max_publish_sessions",
                                                      "policy"};
  for (int i = 0; i < mask.paths_size(); ++i) {
    if (std::ranges::find(kPaths, mask.paths(i)) == kPaths.end()) {
      errors.add(fmt::format("update_mask.paths[{}]", i), "names no field that can be updated");
    }
  }
}

}  // namespace

FieldErrors validate(const AdmitSessionRequest& request) {
  FieldErrors errors;
  errors.allow_id("request_id", request.request_id());
  errors.allow_id("user_id", request.user_id());
  errors.allow_text("credential", request.credential());
  errors.require_stream_id("stream_id", request.stream_id());
  require_kind(errors, "kind", request.kind());
  errors.allow_id("instance_id", request.instance_id());
  errors.allow_id("incarnation", request.incarnation());
  errors.allow_id("resume_session_id", request.resume_session_id());
  allow_client(errors, request.client());
  if (request.replace_session_ids_size() > kMaxReplacedSessions) {
    errors.add("replace_session_ids", fmt::format("holds more than {} ids", kMaxReplacedSessions));
    return errors;
  }
  for (int i = 0; i < request.replace_session_ids_size(); ++i) {
    errors.require_id(fmt::format("replace_session_ids[{}]", i), request.replace_session_ids(i));
  }
  return errors;
}

FieldErrors validate(const TouchSessionRequest& request) {
  FieldErrors errors = validate_session_id(request);
  errors.require_id("user_id", request.user_id());
  errors.require_stream_id("stream_id", request.stream_id());
  return errors;
}

FieldErrors validate(const BatchTouchSessionsRequest& request) {
  FieldErrors errors;
  if (request.session_ids_size() > kMaxBatchTouches) {
    errors.add("session_ids", fmt::format("holds more than {} ids", kMaxBatchTouches));
  }
  return errors;
}

FieldErrors validate(const PauseSessionRequest& request) { return validate_session_id(request); }
FieldErrors validate(const ResumeSessionRequest& request) { return validate_session_id(request); }
FieldErrors validate(const ReleaseSessionRequest& request) { return validate_session_id(request); }
FieldErrors validate(const GetSessionRequest& request) { return validate_session_id(request); }

FieldErrors validate(const SwitchStreamRequest& request) {
  FieldErrors errors = validate_session_id(request);
  errors.require_stream_id("stream_id", request.stream_id());
  errors.allow_text("credential", request.credential());
  return errors;
}

FieldErrors validate(const KickSessionRequest& request) {
  FieldErrors errors = validate_session_id(request);
  errors.allow_text("message", request.message());
  if (request.has_block_duration()) {
    allow_duration(errors, "block_duration", request.block_duration());
  }
  return errors;
}

FieldErrors validate(const ListSessionsRequest& request) {
  FieldErrors errors;
  errors.allow_id("user_id", request.user_id());
  errors.allow_stream_id("stream_id", request.stream_id());
  errors.allow_id("instance_id", request.instance_id());
  if (request.kind() != SESSION_KIND_UNSPECIFIED) require_kind(errors, "kind", request.kind());
  if (request.states_size() > kMaxFilterValues) {
    errors.add("states", fmt::format("holds more than {} states", kMaxFilterValues));
  }
  for (int i = 0; i < std::min(request.states_size(), kMaxFilterValues); ++i) {
    const int state = request.states(i);
    if (state == SESSION_STATE_UNSPECIFIED || !SessionState_IsValid(state)) {
      errors.add(fmt::format("states[{}]", i), "is not a known state");
    }
  }
  allow_page(errors, request.page_size(), request.page_token());
  return errors;
}

FieldErrors validate(const ListBlocksRequest& request) {
  FieldErrors errors;
  errors.allow_id("user_id", request.user_id());
  allow_page(errors, request.page_size(), request.page_token());
  return errors;
}

FieldErrors validate(const UnblockRequest& request) {
  FieldErrors errors;
  errors.require_id("user_id", request.user_id());
  errors.allow_stream_id("stream_id", request.stream_id());
  return errors;
}

FieldErrors validate(const GetUserLimitsRequest& request) {
  FieldErrors errors;
  errors.require_id("user_id", request.user_id());
  return errors;
}

FieldErrors validate(const UpdateUserLimitsRequest& request) {
  FieldErrors errors;
  const UserLimits& limits = request.limits();
  errors.require_id("limits.user_id", limits.user_id());
  if (limits.has_max_play_sessions()) {
    allow_user_limit(errors, "limits.max_play_sessions", limits.max_play_sessions());
  }
  if (limits.has_max_publish_sessions()) {
    allow_user_limit(errors, "limits.max_publish_sessions", limits.max_publish_sessions());
  }
  if (!LimitPolicy_IsValid(limits.policy())) {
    errors.add("limits.policy", "is not a known policy");
  }
  allow_limits_mask(errors, request.update_mask());
  return errors;
}

}  // namespace weir::control::rpc
