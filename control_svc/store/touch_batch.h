// Renewal in bulk over a store.
#pragma once

#include <cstdint>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

// Renews what only needs a later deadline in the store, and asks the rules about the rest. An empty
// id is no session's. Answers those that were not renewed, in the order of the list.
void touch_sessions(const Decider& decider, std::vector<domain::SessionId> sessions,
                    std::uint32_t holder, Now now,
                    Callback<std::vector<domain::TouchFailure>> done);

}  // namespace weir::control::store
