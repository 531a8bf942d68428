// Pages of sessions and blocks that stay right while sessions come and go: in the order of their
// ids, so whatever exists all the time is listed exactly once.
#pragma once

#include "common/clock.h"
#include "control_svc/domain/requests.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxPageSize = 1000;

Operation list_sessions(const Decider& decider, domain::SessionFilter filter, Now now,
                        Callback<domain::SessionPage> done);
Operation list_blocks(const Decider& decider, domain::BlockFilter filter, Now now,
                      Callback<domain::BlockPage> done);

}  // namespace weir::control::store
