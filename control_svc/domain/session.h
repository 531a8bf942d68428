// A session as its user's record holds it, and what can be read off it.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/media_summary.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/settings.h"
#include "control_svc/domain/text.h"

namespace weir::control::domain {

enum class SessionKind : std::uint8_t { kPublish = 1, kPlay = 2 };

// As in the public contract. A record never says kIdle: idleness is silence, seen when read.
enum class SessionState : std::uint8_t { kPending = 1, kActive, kIdle, kPaused, kEnded };

// As in the public contract; the last two are only told to instances.
enum class EndReason : std::uint8_t {
  kNone = 0,
  kReleased,
  kExpired,
  kStartTimeout,
  kPauseTimeout,
  kKicked,
  kReplaced,
  kMaxDuration,
  kDrainDeadline,
  kCompleted,
  kFailed,
  kSwitched,
  kMoved,
};

inline constexpr SteadyTime kNever = SteadyTime::max();

// Until when a session lives, in terms that a store can renew without knowing a rule: while
// `now < deadline`, a renewal by `holder` moves the deadline to now + renew_for, never beyond
// `not_after` and never back.
struct Lease {
  SteadyTime last_touch{};
  SteadyTime deadline{kNever};
  SteadyTime not_after{kNever};
  // 0: a renewal changes more than the deadline, so the rules decide it.
  std::int32_t renew_for_ms = 0;
  // Digest of the instance and incarnation that serve the session; 0: none does.
  std::uint32_t holder = 0;
};

// The digest that Lease::holder keeps; never 0 for a named instance.
std::uint32_t holder_digest(std::string_view instance_id, std::string_view incarnation);

// One session of one user. A plain value; the rules change it, stores only renew its lease.
struct Session {
  SessionId id;
  PackedTexts texts;
  // Publish only, while it lives: what its instance said last; null until then.
  MediaSnapshot media;
  WallTime created{};
  WallTime ended{};
  // Publish only: the claim's epoch that this session was given.
  std::int64_t epoch = 0;
  Lease lease;
  SessionKind kind = SessionKind::kPlay;
  SessionState state = SessionState::kPending;
  EndReason end_reason = EndReason::kNone;
  // Its connection or its instance is gone; the next connection may take it up.
  bool interrupted = false;
  // Interrupted because its instance reached its drain's deadline.
  bool cut_by_drain = false;
  // Its publisher was asked to go elsewhere: the next connection takes the session up, although
  // this one still stands.
  bool moving = false;

  bool live() const { return state != SessionState::kEnded; }
  std::string_view stream_id() const { return texts.stream_id(); }
  std::string_view instance_id() const { return texts.instance_id(); }
};

// Nothing keeps the session any more, whether or not its record says so yet.
bool overdue(const Session& session, SteadyTime now);
// The state that a reader sees: kIdle after a phase of silence, kEnded once overdue.
SessionState visible_state(const Session& session, const Settings& settings, SteadyTime now);
// Why an overdue session ends.
EndReason lapse_reason(const Session& session);
// A steady moment on the wall clock, as of now.
WallTime on_wall(SteadyTime moment, Now now);

}  // namespace weir::control::domain
