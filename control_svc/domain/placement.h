// Which instance takes what.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session.h"

namespace weir::control::domain {

// Publishers that were sent to an instance and are not in its reports yet.
using OnTheirWay = std::map<std::string, int, std::less<>>;

// The instance that a new publisher should go to: active, ready, not cordoned, with room, least
// loaded.
const InstanceRecord* pick_instance(const FleetRecord& fleet, std::string_view except = {},
                                    const OnTheirWay& coming = {});

// Whether the instance that asks may take the work; no answer means yes. One that never attached
// is under no rule. `stream_here`: it holds the stream already.
std::optional<Refusal> refuse_place(const FleetRecord& fleet, std::string_view instance_id,
                                    std::string_view incarnation, SessionKind kind,
                                    bool stream_here);

// The route of a named instance; empty when it is not known.
Route route_to(const FleetRecord& fleet, std::string_view instance_id);

}  // namespace weir::control::domain
