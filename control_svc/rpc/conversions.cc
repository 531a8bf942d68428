#include "control_svc/rpc/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/grpc/proto_time.h"
#include "control_svc/domain/field_check.h"
#include "control_svc/rpc/shutdown_conversions.h"

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
static_assert(static_cast<int>(domain::InstanceState::kStarting) ==
              weir::v1::INSTANCE_STATE_STARTING);
static_assert(static_cast<int>(domain::InstanceState::kLost) == weir::v1::INSTANCE_STATE_LOST);
static_assert(static_cast<int>(domain::LimitPolicy::kReject) == weir::v1::LIMIT_POLICY_REJECT);
static_assert(static_cast<int>(domain::LimitPolicy::kShadow) == weir::v1::LIMIT_POLICY_SHADOW);

weir::v1::SessionKind to_proto(domain::SessionKind kind) {
  return static_cast<weir::v1::SessionKind>(kind);
}

domain::SessionKind to_domain(weir::v1::SessionKind kind) {
  return static_cast<domain::SessionKind>(kind);
}

// A field that is set takes memory, even to be empty as before.
void fill_client(const domain::SessionTexts& texts, weir::v1::Client& client) {
  if (!texts.client_address.empty()) client.set_address(str(texts.client_address));
  if (!texts.client_protocol.empty()) client.set_protocol(str(texts.client_protocol));
  if (!texts.client_user_agent.empty()) client.set_user_agent(str(texts.client_user_agent));
  if (!texts.client_device.empty()) client.set_device(str(texts.client_device));
}

// Whether the update covers a field: named by the mask, or set where there is no mask.
bool covers(const weir::v1::UpdateUserLimitsRequest& request, std::string_view path, bool set) {
  const auto& paths = request.update_mask().paths();
  return paths.empty() ? set : std::ranges::find(paths, path) != paths.end();
}

void fill_load(const domain::Load& load, weir::v1::Load& proto) {
  proto.set_publishers(load.publishers);
  proto.set_players(load.players);
  proto.set_max_publishers(load.max_publishers);
  proto.set_max_players(load.max_players);
  proto.set_cpu_utilization(load.cpu_utilization);
  proto.set_egress_bits_per_second(load.egress_bits_per_second);
  *proto.mutable_oldest_stream_age() = wire::to_proto(load.oldest_stream_age);
}

domain::MediaSnapshot to_domain(const weir::v1::MediaSummary& media) {
  return std::make_shared<const domain::MediaSummary>(domain::MediaSummary{
      .video_codec = media.video_codec(),
      .audio_codec = media.audio_codec(),
      .width = media.width(),
      .height = media.height(),
      .frame_rate = media.frame_rate(),
      .bytes = media.bytes(),
      .duration = wire::from_proto(media.duration()).value_or(Duration::zero())});
}

domain::SessionReport::Kind report_kind(weir::v1::SessionEventKind kind) {
  using Kind = domain::SessionReport::Kind;
  switch (kind) {
    case weir::v1::SESSION_EVENT_KIND_COMPLETED:
      return Kind::kCompleted;
    case weir::v1::SESSION_EVENT_KIND_INTERRUPTED:
      return Kind::kInterrupted;
    case weir::v1::SESSION_EVENT_KIND_FAILED:
      return Kind::kFailed;
    default:
      return Kind::kStarted;
  }
}

}  // namespace

weir::v1::EndReason to_proto(domain::EndReason reason) {
  return static_cast<weir::v1::EndReason>(reason);
}

void fill(const domain::Session& session, std::string_view user_id, Now now,
          weir::v1::Session& proto) {
  const domain::SessionTexts texts = session.texts.view();
  // One that is only foreseen has none yet.
  if (!session.id.empty()) {
    const auto id = session.id.text();
    proto.set_session_id(id.data(), id.size());
  }
  proto.set_user_id(user_id.data(), user_id.size());
  proto.set_stream_id(texts.stream_id.data(), texts.stream_id.size());
  proto.set_kind(to_proto(session.kind));
  proto.set_state(static_cast<weir::v1::SessionState>(session.state));
  if (!texts.instance_id.empty()) {
    proto.set_instance_id(texts.instance_id.data(), texts.instance_id.size());
  }
  proto.set_epoch(session.epoch);
  fill_client(texts, *proto.mutable_client());
  wire::fill(session.created, *proto.mutable_create_time());
  // An event of before a restart has no lease: every deadline has begun anew since.
  const bool has_lease = session.lease.deadline != domain::kNever;
  if (has_lease) {
    wire::fill(domain::on_wall(session.lease.last_touch, now), *proto.mutable_last_touch_time());
  }
  if (session.live() && has_lease) {
    wire::fill(domain::on_wall(session.lease.deadline, now), *proto.mutable_expire_time());
  }
  if (!session.live()) {
    wire::fill(session.ended, *proto.mutable_end_time());
    proto.set_end_reason(to_proto(session.end_reason));
    proto.set_ended_by(str(texts.ended_by));
  }
}

void fill(const domain::UserSession& held, Now now, weir::v1::Session& proto) {
  fill(held.session, held.user_id.view(), now, proto);
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

weir::v1::MediaSummary to_proto(const domain::MediaSummary& media) {
  weir::v1::MediaSummary proto;
  proto.set_video_codec(media.video_codec);
  proto.set_audio_codec(media.audio_codec);
  proto.set_width(media.width);
  proto.set_height(media.height);
  proto.set_frame_rate(media.frame_rate);
  proto.set_bytes(media.bytes);
  *proto.mutable_duration() = wire::to_proto(media.duration);
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

weir::v1::Instance to_proto(const domain::InstanceRecord& instance,
                            const domain::InstanceSighting* sighting, Now now) {
  weir::v1::Instance proto;
  proto.set_instance_id(instance.instance_id);
  proto.set_incarnation_digest(
      fmt::format("{:08x}", domain::holder_digest(instance.instance_id, instance.incarnation)));
  proto.set_state(static_cast<weir::v1::InstanceState>(instance.state));
  proto.set_cordoned(instance.cordoned);
  proto.set_version(instance.version);
  *proto.mutable_route() = to_proto(instance.route);
  const bool current = sighting != nullptr && sighting->incarnation == instance.incarnation;
  fill_load(current ? sighting->load : instance.load, *proto.mutable_load());
  *proto.mutable_start_time() = wire::to_proto(instance.started);
  if (instance.drain) {
    *proto.mutable_drain() = to_proto(*instance.drain, current ? sighting : nullptr, now);
  }
  if (current) {
    *proto.mutable_last_report_time() = wire::to_proto(domain::on_wall(sighting->heard, now));
  }
  return proto;
}

std::vector<domain::SessionId> to_sessions(
    const google::protobuf::RepeatedPtrField<std::string>& session_ids) {
  std::vector<domain::SessionId> sessions;
  sessions.reserve(static_cast<std::size_t>(session_ids.size()));
  for (const std::string& each : session_ids) {
    sessions.push_back(domain::SessionId::parse(each).value_or(domain::SessionId{}));
  }
  return sessions;
}

domain::InstanceHello to_domain(const weir::v1::Hello& hello) {
  const weir::v1::Route& route = hello.route();
  return {.instance_id = hello.instance_id(),
          .incarnation = hello.incarnation(),
          .version = hello.version(),
          .route = {.instance_id = hello.instance_id(),
                    .rtmp_url = route.rtmp_url(),
                    .http_url = route.http_url(),
                    .rtmps_url = route.rtmps_url(),
                    .relay_url = route.relay_url()}};
}

domain::HeldSession to_domain(const weir::v1::HeldSession& held) {
  domain::HeldSession session;
  session.session = domain::SessionId::parse(held.session_id()).value_or(domain::SessionId());
  session.epoch = held.epoch();
  session.admission = to_domain(held.admission());
  if (session.admission.user_id.empty()) {
    session.admission.user_id = domain::anonymous_user(session.admission);
  }
  if (held.has_media()) session.media = to_domain(held.media());
  return session;
}

domain::Load to_domain(const weir::v1::Load& load) {
  return {
      .publishers = load.publishers(),
      .players = load.players(),
      .max_publishers = load.max_publishers(),
      .max_players = load.max_players(),
      .cpu_utilization = load.cpu_utilization(),
      .egress_bits_per_second = load.egress_bits_per_second(),
      .oldest_stream_age = wire::from_proto(load.oldest_stream_age()).value_or(Duration::zero())};
}

domain::InstanceSighting to_domain(const weir::v1::Report& report) {
  domain::InstanceSighting sighting;
  sighting.ready = report.ready();
  sighting.load = to_domain(report.load());
  sighting.drain_generation = report.drain_generation();
  sighting.remaining_publishers = report.remaining_publishers();
  sighting.remaining_players = report.remaining_players();
  return sighting;
}

domain::SessionReport to_domain(const weir::v1::SessionEvent& event) {
  domain::SessionReport report;
  report.epoch = event.epoch();
  report.kind = report_kind(event.kind());
  report.message = event.message();
  if (event.has_event_time()) report.time = wire::from_proto(event.event_time());
  if (event.has_media()) report.media = to_domain(event.media());
  return report;
}

}  // namespace weir::control::rpc
