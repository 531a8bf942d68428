// Records as bytes that outlive the process: versioned, checked, free of anything that only means
// something to this process's steady clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/context.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::store {

// Deadlines of sessions, claims and remembered requests are not kept: they begin anew when read.
// Those of blocks and of the fleet are kept as wall time, and so is a claim's last takeover.
std::string encode(const domain::UserRecord& record, Now now);
std::string encode(const domain::StreamClaim& claim, Now now);
std::string encode(const domain::FleetRecord& fleet, Now now);
std::string encode(const domain::Event& event, Now now);

// Nothing: the bytes are damaged or of a later release.
std::optional<domain::UserRecord> decode_user(std::string_view bytes,
                                              const domain::Context& context);
std::optional<domain::StreamClaim> decode_claim(std::string_view bytes,
                                                const domain::Context& context);
std::optional<domain::FleetRecord> decode_fleet(std::string_view bytes, Now now);
std::optional<domain::Event> decode_event(std::string_view bytes, Now now);

}  // namespace weir::control::store
