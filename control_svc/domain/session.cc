#include "control_svc/domain/session.h"

#include <algorithm>

#include "control_svc/domain/digest.h"

namespace weir::control::domain {

std::uint32_t holder_digest(std::string_view instance_id, std::string_view incarnation) {
  if (instance_id.empty()) return 0;
  const std::uint64_t digest = Digest{}.add(instance_id).add(incarnation).value();
  return std::max(static_cast<std::uint32_t>(digest >> 32), std::uint32_t{1});
}

bool overdue(const Session& session, SteadyTime now) {
  return session.live() && now >= session.lease.deadline;
}

SessionState visible_state(const Session& session, const Settings& settings, SteadyTime now) {
  if (!session.live() || overdue(session, now)) return SessionState::kEnded;
  if (session.state != SessionState::kActive) return session.state;
  if (session.interrupted && session.kind == SessionKind::kPublish) return SessionState::kIdle;
  return now - session.lease.last_touch >= settings.phase ? SessionState::kIdle
                                                          : SessionState::kActive;
}

EndReason lapse_reason(const Session& session) {
  if (session.lease.deadline >= session.lease.not_after) return EndReason::kMaxDuration;
  switch (session.state) {
    case SessionState::kPending:
      return EndReason::kStartTimeout;
    case SessionState::kPaused:
      return EndReason::kPauseTimeout;
    default:
      return session.interrupted && session.cut_by_drain ? EndReason::kDrainDeadline
                                                         : EndReason::kExpired;
  }
}

WallTime on_wall(SteadyTime moment, Now now) { return now.wall + (moment - now.steady); }

}  // namespace weir::control::domain
