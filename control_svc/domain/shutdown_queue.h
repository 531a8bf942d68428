// Who waits for a shutdown, and who goes first: instances that have waited for too long, then first
// come, first served. Pure functions over the fleet's queue.
#pragma once

#include <string_view>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_settings.h"

namespace weir::control::domain {

// Denied so often, or waiting for so long, that it goes before all others.
bool starved(const QueuePlace& place, const ShutdownSettings& settings, SteadyTime now);

// The instances that go first. One without a place goes last.
std::vector<std::string_view> ahead_of(const std::vector<QueuePlace>& queue,
                                       std::string_view instance_id,
                                       const ShutdownSettings& settings, SteadyTime now);

// A denial: the instance gets a place, or keeps it. Asking again too soon counts as none.
// `starves_at`: when a new place has been waited on for too long.
void take_place(std::vector<QueuePlace>& queue, std::string_view instance_id, SteadyTime starves_at,
                const ShutdownSettings& settings, SteadyTime now);
// Whether it had one.
bool leave_queue(std::vector<QueuePlace>& queue, std::string_view instance_id);
// The places of those who have not asked again. Whether there were any.
bool drop_lapsed(std::vector<QueuePlace>& queue, SteadyTime now);

}  // namespace weir::control::domain
