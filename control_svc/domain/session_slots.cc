#include "control_svc/domain/session_slots.h"

#include <algorithm>
#include <string>
#include <utility>

#include "control_svc/domain/decision.h"
#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

// Oldest first.
using Slots = std::vector<const Session*>;

Slots slots_of(const UserRecord& record, SessionKind kind, const std::vector<SessionId>& leaving) {
  Slots slots;
  for (const Session& session : record.sessions) {
    if (!session.live() || session.kind != kind) continue;
    if (std::ranges::find(leaving, session.id) == leaving.end()) slots.push_back(&session);
  }
  return slots;
}

const Session* longest_silent(const Slots& slots, const Context& context) {
  const SteadyTime now = context.now.steady;
  const Session* longest = nullptr;
  for (const Session* session : slots) {
    const bool silent = session->state == SessionState::kActive &&
                        now - session->lease.last_touch >= 2 * context.settings.phase;
    if (!silent) continue;
    if (longest == nullptr || session->lease.last_touch < longest->lease.last_touch) {
      longest = session;
    }
  }
  return longest;
}

const Session* to_replace(const Slots& slots, LimitPolicy policy, const Context& context) {
  if (slots.empty()) return nullptr;
  switch (policy) {
    case LimitPolicy::kReplaceOldest:
      return slots.front();
    case LimitPolicy::kReplaceIdle:
      return longest_silent(slots, context);
    default:
      return nullptr;
  }
}

Refusal limit_reached(const UserRecord& record, const Slots& slots, SessionKind kind, int limit,
                      const Context& context) {
  Refusal refusal =
      refuse(RefusalReason::kSessionLimitReached,
             "the user holds " + std::to_string(slots.size()) + " of " + std::to_string(limit) +
                 (kind == SessionKind::kPublish ? " publish" : " play") + " sessions");
  refusal.user_id = record.user_id.str();
  refusal.limit = limit;
  SteadyTime first_free = kNever;
  for (const Session* session : slots) {
    first_free = std::min(first_free, session->lease.deadline);
    refusal.holders.push_back(as_seen(*session, context));
  }
  if (first_free != kNever) refusal.retry_after = first_free - context.now.steady;
  return refusal;
}

}  // namespace

Outcome<SlotPlan> find_slot(const UserRecord& record, SessionKind kind,
                            const std::vector<SessionId>& leaving, const Context& context) {
  const int limit = limit_of(record, kind, context.settings);
  const LimitPolicy policy = record.limits.policy;
  const Slots at_first = slots_of(record, kind, leaving);
  Slots held = at_first;
  SlotPlan plan;
  // More than one has to go where the limit was lowered.
  while (std::cmp_greater_equal(held.size(), limit)) {
    if (policy == LimitPolicy::kShadow) {
      plan.beyond_limit = true;
      break;
    }
    const Session* victim = limit > 0 ? to_replace(held, policy, context) : nullptr;
    if (victim == nullptr) return limit_reached(record, at_first, kind, limit, context);
    plan.replaced.push_back(victim->id);
    std::erase(held, victim);
  }
  return plan;
}

}  // namespace weir::control::domain
