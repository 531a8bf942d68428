// Which instance takes what.
#pragma once

#include <optional>
#include <string_view>

#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session.h"

namespace weir::control::domain {

// The instance that a new publisher should go to: active, not cordoned, with room, least loaded.
const InstanceRecord* pick_instance(const FleetRecord& fleet);

// Whether the instance that asks may take the work; no answer means yes. One that never attached
// is under no rule. `stream_here`: it holds the stream already.
std::optional<Refusal> refuse_place(const FleetRecord& fleet, std::string_view instance_id,
                                    std::string_view incarnation, SessionKind kind,
                                    bool stream_here);

// The route of a named instance; empty when it is not known.
Route route_to(const FleetRecord& fleet, std::string_view instance_id);

}  // namespace weir::control::domain
