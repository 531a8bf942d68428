// What media asks of control about one session, and what it hears, without gRPC's types.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/result.h"

namespace weir::media::control_link {

enum class SessionKind { kPublish, kPlay };

struct AdmissionRequest {
  SessionKind kind = SessionKind::kPlay;
  std::string stream_id;
  // Empty where the client named none: control makes up an anonymous user.
  std::string user_id;
  // As the client presented it. Never logged, never kept after the answer.
  std::string credential;
  std::string resume_session_id;
  std::string client_address;
  std::string client_protocol;
  std::string user_agent;
};

// Where control says that a stream is, or should be.
struct Route {
  std::string instance_id;
  std::string rtmp_url;
  std::string rtmps_url;
  std::string relay_url;
};

struct Session {
  std::string session_id;
  std::string user_id;
  std::string stream_id;
  SessionKind kind = SessionKind::kPlay;
  // Of the stream's claim, for a publish session; 0 for a player's.
  std::int64_t epoch = 0;
  Duration touch_interval{0};
  // An existing session was taken up.
  bool resumed = false;
  Route route;
};

// One holding of a session. Where a newer connection took the session up, the epoch tells them
// apart.
struct SessionKey {
  std::string session_id;
  std::int64_t epoch = 0;

  friend auto operator<=>(const SessionKey&, const SessionKey&) = default;
};
inline SessionKey key_of(const Session& session) { return {session.session_id, session.epoch}; }

enum class RefusalReason {
  kLimitReached,
  kNoCapacity,
  kAlreadyPublished,
  kUserBlocked,
  kCredentialRejected,
  kSessionGone,
  kInvalidRequest,
  kNotAccepting,
  kRateLimited,
  // Control did not answer, or could not decide.
  kUnreachable,
  // A reason that this version does not know.
  kOther,
};

struct Refusal {
  RefusalReason reason = RefusalReason::kOther;
  // Control's own text, fit for the client.
  std::string message;
  std::optional<Duration> retry_after;
  // Of kNotAccepting: where the client should go.
  std::optional<Route> place = {};
};

using AdmissionOutcome = Result<Session, Refusal>;

// The fixed name that logs and metrics use.
const char* name(RefusalReason reason);
const char* name(SessionKind kind);

// What an instance reports of a session that it holds.
enum class SessionReport {
  // Media flows; also the first time that it flows again elsewhere or after an interruption, and
  // when it has become another kind of media.
  kStarted,
  // The client said that it was done.
  kCompleted,
  // The connection was lost, fell silent or was closed to move it; the client may come back.
  kInterrupted,
};
const char* name(SessionReport report);

// What is known of a session's media so far; empty or 0 where nothing is.
struct MediaSummary {
  // "h264", "aac".
  std::string video_codec;
  std::string audio_codec;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double frame_rate = 0;
  std::uint64_t bytes = 0;
  // Since the start on this connection.
  Duration duration{0};

  // Bytes and duration aside.
  bool has_format_of(const MediaSummary& other) const;
};

}  // namespace weir::media::control_link
