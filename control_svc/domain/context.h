// What a decision may know beside the record and the request.
#pragma once

#include "common/clock.h"
#include "control_svc/domain/settings.h"

namespace weir::control::domain {

struct Context {
  const Settings& settings;
  Now now;
  // After a restart nothing expires before this moment.
  SteadyTime hold_until = SteadyTime::min();
};

}  // namespace weir::control::domain
