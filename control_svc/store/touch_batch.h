// Renewal in bulk over a store.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/requests.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

// Renews what only needs a later deadline in the store, and asks the rules about the rest.
void touch_sessions(const Decider& decider, const std::vector<std::string_view>& session_ids,
                    std::uint32_t holder, Now now,
                    Callback<std::vector<domain::TouchFailure>> done);

}  // namespace weir::control::store
