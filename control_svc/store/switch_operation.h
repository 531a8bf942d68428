// A play session goes to another stream, and is told where that is.
#pragma once

#include "common/clock.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/store/decider.h"

namespace weir::control::store {

Operation switch_session(const Decider& decider, domain::SessionId id,
                         domain::SwitchRequest request, Now now,
                         Callback<domain::SwitchAnswer> done);

}  // namespace weir::control::store
