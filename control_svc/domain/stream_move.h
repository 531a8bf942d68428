// How live streams leave a draining instance. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session_id.h"

namespace weir::control::domain {

// To the instance that has the session's publisher: ask it to go to `target`. Lossy; said again
// after the instance's next Hello.
struct MoveOrder {
  std::string instance_id;
  SessionId session;
  std::int64_t epoch = 0;
  Route target;
};

// Streams a second, so that all are gone a little before the deadline, and few are not held back.
double move_pace(std::size_t left, Duration to_deadline);

// Its publishers are to go now.
bool moves_streams(const InstanceRecord& instance, SteadyTime now);

// Where the publisher of a stream on `from` may be sent: to the named instance, else to the one
// that PickInstance would choose.
Outcome<Route> move_target(const FleetRecord& fleet, std::string_view from, std::string_view named);

}  // namespace weir::control::domain
