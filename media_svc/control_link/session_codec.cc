#include "media_svc/control_link/session_codec.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "common/grpc/proto_time.h"
#include "common/grpc/status.h"
#include "common/utf8.h"

namespace weir::media::control_link {
namespace {

constexpr std::pair<std::string_view, RefusalReason> kReasons[] = {
    {"SESSION_LIMIT_REACHED", RefusalReason::kLimitReached},
    {"NO_INSTANCE_CAPACITY", RefusalReason::kNoCapacity},
    {"STREAM_ALREADY_PUBLISHED", RefusalReason::kAlreadyPublished},
    {"USER_BLOCKED", RefusalReason::kUserBlocked},
    {"CREDENTIAL_REJECTED", RefusalReason::kCredentialRejected},
    {"SESSION_NOT_FOUND", RefusalReason::kSessionGone},
    {"SESSION_ENDED", RefusalReason::kSessionGone},
    {"INVALID_FIELD", RefusalReason::kInvalidRequest},
    {"INSTANCE_NOT_ACCEPTING", RefusalReason::kNotAccepting},
    {"RATE_LIMITED", RefusalReason::kRateLimited},
    {"STORE_UNAVAILABLE", RefusalReason::kUnreachable},
};

RefusalReason reason_from(std::string_view reason, grpc::StatusCode code) {
  const auto* found =
      std::ranges::find(kReasons, reason, [](const auto& row) { return row.first; });
  if (found != std::end(kReasons)) return found->second;
  const bool unanswered =
      code == grpc::UNAVAILABLE || code == grpc::DEADLINE_EXCEEDED || code == grpc::CANCELLED;
  return unanswered ? RefusalReason::kUnreachable : RefusalReason::kOther;
}

// What a client calls itself, which may be anything, as far as a protobuf string holds it: UTF-8.
// Nobody is refused for it.
std::string user_agent(std::string_view text) {
  constexpr std::size_t kMaxBytes = 256;
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
  std::string readable;
  while (!text.empty()) {
    const std::size_t bytes = first_code_point(text).bytes;
    const auto next = bytes == 0 ? kReplacement : text.substr(0, bytes);
    if (readable.size() + next.size() > kMaxBytes) break;
    readable += next;
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return readable;
}

}  // namespace

v1::AdmitSessionRequest to_proto(const AdmissionRequest& request, const InstanceIdentity& from,
                                 const std::string& request_id) {
  v1::AdmitSessionRequest proto;
  proto.set_request_id(request_id);
  proto.set_kind(request.kind == SessionKind::kPublish ? v1::SESSION_KIND_PUBLISH
                                                       : v1::SESSION_KIND_PLAY);
  proto.set_stream_id(request.stream_id);
  proto.set_user_id(request.user_id);
  proto.set_credential(request.credential);
  proto.set_resume_session_id(request.resume_session_id);
  proto.set_instance_id(from.instance_id);
  proto.set_incarnation(from.incarnation);
  proto.mutable_client()->set_address(request.client_address);
  proto.mutable_client()->set_protocol(request.client_protocol);
  proto.mutable_client()->set_user_agent(user_agent(request.user_agent));
  return proto;
}

Session session_from(const v1::AdmitSessionResponse& response) {
  const v1::Session& session = response.session();
  return {.session_id = session.session_id(),
          .user_id = session.user_id(),
          .stream_id = session.stream_id(),
          .kind = session.kind() == v1::SESSION_KIND_PUBLISH ? SessionKind::kPublish
                                                             : SessionKind::kPlay,
          .epoch = session.epoch(),
          .touch_interval = wire::from_proto(response.touch_interval()).value_or(Duration{0}),
          .resumed = response.resumed(),
          .route = route_from(response.route())};
}

Refusal refusal_from(const grpc::Status& status) {
  const wire::StatusDetails details(status);
  Refusal refusal{.reason = reason_from(details.reason(), status.error_code()),
                  .message = status.error_message(),
                  .retry_after = details.retry_after()};
  if (const auto route = details.detail<v1::Route>()) refusal.place = route_from(*route);
  return refusal;
}

v1::MediaSummary to_proto(const MediaSummary& media) {
  v1::MediaSummary proto;
  proto.set_video_codec(media.video_codec);
  proto.set_audio_codec(media.audio_codec);
  proto.set_width(static_cast<std::int32_t>(media.width));
  proto.set_height(static_cast<std::int32_t>(media.height));
  proto.set_frame_rate(media.frame_rate);
  proto.set_bytes(static_cast<std::int64_t>(media.bytes));
  *proto.mutable_duration() = wire::to_proto(media.duration);
  return proto;
}

v1::SessionEventKind to_proto(SessionReport report) {
  switch (report) {
    case SessionReport::kStarted:
      return v1::SESSION_EVENT_KIND_STARTED;
    case SessionReport::kCompleted:
      return v1::SESSION_EVENT_KIND_COMPLETED;
    case SessionReport::kInterrupted:
      return v1::SESSION_EVENT_KIND_INTERRUPTED;
  }
  return v1::SESSION_EVENT_KIND_UNSPECIFIED;
}

Route route_from(const v1::Route& route) {
  return {.instance_id = route.instance_id(),
          .rtmp_url = route.rtmp_url(),
          .rtmps_url = route.rtmps_url(),
          .relay_url = route.relay_url()};
}

StreamPlace place_from(const v1::GetStreamResponse& response) {
  return {.route = route_from(response.stream().route()),
          .epoch = response.stream().epoch(),
          .relay_token = response.relay_token()};
}

EndOrder order_from(const v1::EndSession& end) {
  return {.session_id = end.session_id(),
          .epoch = end.epoch(),
          .reason = reason_text(end.reason()),
          .message = end.message()};
}

std::string reason_text(v1::EndReason reason) {
  constexpr std::string_view kPrefix = "END_REASON_";
  std::string text = v1::EndReason_Name(reason);
  if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace weir::media::control_link
