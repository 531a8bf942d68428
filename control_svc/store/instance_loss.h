// What the loss of a media instance does to its sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "common/clock.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

// See SessionOperations::interrupt_instance. `holder`: domain::holder_digest of who is lost.
Operation interrupt_held(const Decider& decider, std::uint32_t holder, Now now,
                         std::function<void(std::size_t)> done);

}  // namespace weir::control::store
