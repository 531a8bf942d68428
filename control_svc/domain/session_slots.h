// The limit of live sessions that a user may hold of a kind, and what gives way at it.
#pragma once

#include <vector>

#include "control_svc/domain/context.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

// How a new session gets its slot.
struct SlotPlan {
  // Live sessions that have to end for it.
  std::vector<SessionId> replaced;
  // Admitted nevertheless: the shadow policy.
  bool beyond_limit = false;
};

// `leaving` end in the same step anyway, so they count no more.
Outcome<SlotPlan> find_slot(const UserRecord& record, SessionKind kind,
                            const std::vector<SessionId>& leaving, const Context& context);

}  // namespace weir::control::domain
