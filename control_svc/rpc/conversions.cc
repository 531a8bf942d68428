#include "control_svc/rpc/conversions.h"

#include <algorithm>
#include <utility>

#include "common/grpc/proto_time.h"

namespace weir::control::rpc {
namespace {

std::string str(std::string_view text) { return std::string(text); }

// The domain's enums carry the numbers of the contract, so that a cast is the whole translation.
static_assert(static_cast<int>(domain::SessionKind::kPublish) == weir::v1::SESSION_KIND_PUBLISH);
static_assert(static_cast<int>(domain::SessionKind::kPlay) == weir::v1::SESSION_KIND_PLAY);
static_assert(static_cast<int>(domain::SessionState::kPending) == weir::v1::SESSION_STATE_PENDING);
static_assert(static_cast<int>(domain::SessionState::kEnded) == weir::v1::SESSION_STATE_ENDED);
static_assert(static_cast<int>(domain::EndReason::kReleased) == weir::v1::END_REASON_RELEASED);
static_assert(static_cast<int>(domain::EndReason::kMoved) == weir::v1::END_REASON_MOVED);
static_assert(static_cast<int>(domain::LimitPolicy::kReject) == weir::v1::LIMIT_POLICY_REJECT);
static_assert(static_cast<int>(domain::LimitPolicy::kShadow) == weir::v1::LIMIT_POLICY_SHADOW);

weir::v1::SessionKind to_proto(domain::SessionKind kind) {
  return static_cast<weir::v1::SessionKind>(kind);
}

domain::SessionKind to_domain(weir::v1::SessionKind kind) {
  return static_cast<domain::SessionKind>(kind);
}

void fill_client(const domain::SessionTexts& texts, weir::v1::Client& client) {
  client.set_address(str(texts.client_address));
  client.set_protocol(str(texts.client_protocol));
  client.set_user_agent(str(texts.client_user_agent));
  client.set_device(str(texts.client_device));
}

// Whether the update covers a field: named by the mask, or set where there is no mask.
bool covers(const weir::v1::UpdateUserLimitsRequest& request, std::string_view path, bool set) {
  const auto& paths = request.update_mask().paths();
  return paths.empty() ? set : std::ranges::find(paths, path) != paths.end();
}

}  // namespace

weir::v1::EndReason to_proto(domain::EndReason reason) {
  return static_cast<weir::v1::EndReason>(reason);
}

weir::v1::Session to_proto(const domain::Session& session, std::string_view user_id, Now now) {
  const domain::SessionTexts texts = session.texts.view();
  weir::v1::Session proto;
  proto.set_session_id(session.id.str());
  proto.set_user_id(str(user_id));
  proto.set_stream_id(str(texts.stream_id));
  proto.set_kind(to_proto(session.kind));
  proto.set_state(static_cast<weir::v1::SessionState>(session.state));
  proto.set_instance_id(str(texts.instance_id));
  proto.set_epoch(session.epoch);
  fill_client(texts, *proto.mutable_client());
  *proto.mutable_create_time() = wire::to_proto(session.created);
  *proto.mutable_last_touch_time() = wire::to_proto(domain::on_wall(session.lease.last_touch, now));
  if (session.live()) {
    *proto.mutable_expire_time() = wire::to_proto(domain::on_wall(session.lease.deadline, now));
  } else {
    *proto.mutable_end_time() = wire::to_proto(session.ended);
    proto.set_end_reason(to_proto(session.end_reason));
    proto.set_ended_by(str(texts.ended_by));
  }
  return proto;
}

weir::v1::Session to_proto(const domain::UserSession& held, Now now) {
  return to_proto(held.session, held.user_id.view(), now);
}

weir::v1::Route to_proto(const domain::Route& route) {
  weir::v1::Route proto;
  proto.set_instance_id(route.instance_id);
  proto.set_rtmp_url(route.rtmp_url);
  proto.set_http_url(route.http_url);
  proto.set_rtmps_url(route.rtmps_url);
  proto.set_relay_url(route.relay_url);
  return proto;
}

weir::v1::Block to_proto(const domain::UserBlock& held, Now now) {
  weir::v1::Block proto;
  proto.set_user_id(held.user_id.str());
  proto.set_stream_id(held.block.stream_id.str());
  if (!held.block.stream_id.empty()) proto.set_kind(to_proto(held.block.kind));
  proto.set_message(held.block.message.str());
  *proto.mutable_expire_time() = wire::to_proto(domain::on_wall(held.block.until, now));
  return proto;
}

weir::v1::UserLimits to_proto(const domain::UserLimitsAnswer& answer) {
  weir::v1::UserLimits proto;
  proto.set_user_id(answer.user_id.str());
  if (const auto& limit = answer.limits.max_play_sessions) proto.set_max_play_sessions(*limit);
  if (const auto& limit = answer.limits.max_publish_sessions) {
    proto.set_max_publish_sessions(*limit);
  }
  proto.set_policy(static_cast<weir::v1::LimitPolicy>(answer.limits.policy));
  return proto;
}

domain::AdmitRequest to_domain(const weir::v1::AdmitSessionRequest& request) {
  const weir::v1::Client& client = request.client();
  return {
      .request_id = request.request_id(),
      .user_id = request.user_id(),
      .stream_id = request.stream_id(),
      .kind = to_domain(request.kind()),
      .instance_id = request.instance_id(),
      .incarnation = request.incarnation(),
      .client = {.address = client.address(),
                 .protocol = client.protocol(),
                 .user_agent = client.user_agent(),
                 .device = client.device()},
      .resume_session_id = request.resume_session_id(),
      .replace_session_ids = {request.replace_session_ids().begin(),
                              request.replace_session_ids().end()},
      .validate_only = request.validate_only(),
  };
}

domain::TouchRequest to_domain(const weir::v1::TouchSessionRequest& request) {
  return {.session_id = request.session_id(),
          .user_id = request.user_id(),
          .stream_id = request.stream_id()};
}

domain::SwitchRequest to_domain(const weir::v1::SwitchStreamRequest& request) {
  return {.session_id = request.session_id(), .stream_id = request.stream_id()};
}

domain::KickRequest to_domain(const weir::v1::KickSessionRequest& request, std::string by) {
  domain::KickRequest kick;
  kick.session_id = request.session_id();
  kick.message = request.message();
  if (request.has_block_duration()) {
    kick.block_duration = wire::from_proto(request.block_duration());
  }
  kick.whole_user = request.whole_user();
  kick.by = std::move(by);
  return kick;
}

domain::SessionFilter to_domain(const weir::v1::ListSessionsRequest& request) {
  domain::SessionFilter filter;
  filter.user_id = request.user_id();
  filter.stream_id = request.stream_id();
  filter.instance_id = request.instance_id();
  if (request.kind() != weir::v1::SESSION_KIND_UNSPECIFIED) {
    filter.kind = to_domain(request.kind());
  }
  for (const int state : request.states()) {
    filter.states.push_back(static_cast<domain::SessionState>(state));
  }
  filter.page_size = request.page_size();
  filter.page_token = request.page_token();
  return filter;
}

domain::BlockFilter to_domain(const weir::v1::ListBlocksRequest& request) {
  return {.user_id = request.user_id(),
          .page_size = request.page_size(),
          .page_token = request.page_token()};
}

domain::LimitsUpdate to_domain(const weir::v1::UpdateUserLimitsRequest& request) {
  const weir::v1::UserLimits& limits = request.limits();
  domain::LimitsUpdate update;
  update.user_id = limits.user_id();
  if (covers(request, "max_play_sessions", limits.has_max_play_sessions())) {
    auto& field = update.max_play_sessions.emplace();
    if (limits.has_max_play_sessions()) field = limits.max_play_sessions();
  }
  if (covers(request, "max_publish_sessions", limits.has_max_publish_sessions())) {
    auto& field = update.max_publish_sessions.emplace();
    if (limits.has_max_publish_sessions()) field = limits.max_publish_sessions();
  }
  if (covers(request, "policy", limits.policy() != weir::v1::LIMIT_POLICY_UNSPECIFIED)) {
    update.policy = static_cast<domain::LimitPolicy>(limits.policy());
  }
  return update;
}

}  // namespace weir::control::rpc
