// What is due: sessions that lapsed, memories to drop, claims that nobody needs.
#pragma once

#include <cstddef>
#include <functional>

#include "common/clock.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

// See SessionOperations::expire_due.
Operation expire_due(const Decider& decider, Now now, std::size_t limit,
                     std::function<void(std::size_t)> done);

}  // namespace weir::control::store
