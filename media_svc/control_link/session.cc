#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

const char* name(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kLimitReached:
      return "limit_reached";
    case RefusalReason::kNoCapacity:
      return "no_capacity";
    case RefusalReason::kAlreadyPublished:
      return "already_published";
    case RefusalReason::kUserBlocked:
      return "user_blocked";
    case RefusalReason::kCredentialRejected:
      return "credential_rejected";
    case RefusalReason::kSessionGone:
      return "session_gone";
    case RefusalReason::kInvalidRequest:
      return "invalid_request";
    case RefusalReason::kNotAccepting:
      return "not_accepting";
    case RefusalReason::kRateLimited:
      return "rate_limited";
    case RefusalReason::kUnreachable:
      return "unreachable";
    case RefusalReason::kOther:
      return "other";
  }
  return "other";
}

const char* name(SessionKind kind) { return kind == SessionKind::kPublish ? "publish" : "play"; }

bool MediaSummary::has_format_of(const MediaSummary& other) const {
  return video_codec == other.video_codec && audio_codec == other.audio_codec &&
         width == other.width && height == other.height && frame_rate == other.frame_rate;
}

const char* name(SessionReport report) {
  switch (report) {
    case SessionReport::kStarted:
      return "started";
    case SessionReport::kCompleted:
      return "completed";
    case SessionReport::kInterrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace weir::media::control_link
