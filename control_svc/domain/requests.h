// What callers ask about sessions, as plain values; the transport fills them in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/media_summary.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/text.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

struct Client {
  std::string address;
  std::string protocol;
  std::string user_agent;
  std::string device;
};

struct AdmitRequest {
  std::string request_id;
  // Known or resolved from the credential; empty in open mode: see anonymous_user().
  std::string user_id;
  std::string stream_id;
  SessionKind kind = SessionKind::kPlay;
  // Empty when an application asks.
  std::string instance_id;
  std::string incarnation;
  Client client;
  std::string resume_session_id;
  std::vector<std::string> replace_session_ids;
  bool validate_only = false;
};

// A session and whose it is.
struct UserSession {
  Text user_id;
  Session session;
};

struct AdmitAnswer {
  Text user_id;
  Session session;
  Route route;
  // An existing session was taken up.
  bool resumed = false;
  // Admitted beyond the limit by the shadow policy.
  bool beyond_limit = false;
  // The same request was admitted before; nothing changed now.
  bool repeated = false;
};

struct TouchRequest {
  std::string session_id;
  std::string user_id;
  std::string stream_id;
};

struct TouchFailure {
  // Of the session, in the list that was asked for.
  std::size_t place = 0;
  // False: there is no such session; else it has ended, or another connection holds it (kMoved).
  bool found = false;
  EndReason end_reason = EndReason::kNone;
};

struct SwitchRequest {
  std::string session_id;
  std::string stream_id;
};

struct SwitchAnswer {
  UserSession held;
  Route route;
};

struct KickRequest {
  std::string session_id;
  std::string message;
  // Unset: Settings::kick_block. Zero: no block.
  std::optional<Duration> block_duration;
  bool whole_user = false;
  // The principal, for ended_by.
  std::string by;
};

// What an instance says that it still holds, after it was away or control was.
struct HeldSession {
  SessionId session;
  std::int64_t epoch = 0;
  // As it was admitted once, with the instance that holds it now.
  AdmitRequest admission;
  // Null where the instance says nothing of it.
  MediaSnapshot media = {};
};

// What an instance says about a session that it holds.
struct SessionReport {
  enum class Kind : std::uint8_t { kStarted, kCompleted, kInterrupted, kFailed };

  SessionId session;
  std::int64_t epoch = 0;
  Kind kind{};
  std::string instance_id;
  std::string incarnation;
  std::string message;
  // When, by the instance's clock: long ago, after a time apart. Unset: now.
  std::optional<WallTime> time = {};
  MediaSnapshot media = {};
  // Interrupted by the deadline of the instance's drain.
  bool cut_by_drain = false;
};

struct LimitsUpdate {
  std::string user_id;
  // Outer: the field is in the mask. Inner: unset means the server's default.
  std::optional<std::optional<std::int32_t>> max_play_sessions = {};
  std::optional<std::optional<std::int32_t>> max_publish_sessions = {};
  std::optional<LimitPolicy> policy = {};
};

struct UserLimitsAnswer {
  Text user_id;
  UserLimits limits;
};

struct SessionFilter {
  std::string user_id;
  std::string stream_id;
  std::string instance_id;
  std::optional<SessionKind> kind;
  // Empty: every live state.
  std::vector<SessionState> states;
  int page_size = 0;
  std::string page_token;
};

struct SessionPage {
  std::vector<UserSession> sessions;
  std::string next_page_token;
};

struct UserBlock {
  Text user_id;
  Block block;
};

struct BlockFilter {
  std::string user_id;
  int page_size = 0;
  std::string page_token;
};

struct BlockPage {
  std::vector<UserBlock> blocks;
  std::string next_page_token;
};

}  // namespace weir::control::domain
