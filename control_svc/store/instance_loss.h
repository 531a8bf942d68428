// What the end of a media instance does to its sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

#include "common/clock.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

// Instances that are gone (see domain::holder_digest), and whether their drain's deadline cut what
// they still had.
using GoneHolders = std::map<std::uint32_t, bool>;

// All that they held waits for its next connection. Tells how many sessions there were. Looks at
// every session once.
Operation interrupt_held(const Decider& decider, GoneHolders gone, Now now,
                         std::function<void(std::size_t)> done);

}  // namespace weir::control::store
