// Between the messages of the shutdown negotiation and the domain's values, as conversions.h.
#pragma once

#include <weir/v1/instance_service.pb.h>

#include <optional>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/domain/shutdown_rules.h"

namespace weir::control::rpc {

// What is left of the drain.
weir::v1::ShutdownGrant to_grant(const domain::Drain& drain, Now now);
weir::v1::ShutdownDenial to_proto(const domain::ShutdownDenial& denial);
weir::v1::DrainFreeze to_proto(const std::optional<domain::DrainFreeze>& freeze, Now now);
// `sighting` tells what is left on the instance.
weir::v1::Drain to_proto(const domain::Drain& drain, const domain::InstanceSighting* sighting,
                         Now now);

domain::ShutdownRequest to_domain(const weir::v1::RequestShutdownRequest& request);
domain::ShutdownRequest to_domain(const weir::v1::DrainInstanceRequest& request);
// Nothing: drains are to go on.
std::optional<domain::DrainFreeze> to_domain(const weir::v1::SetDrainFreezeRequest& request,
                                             Now now);

}  // namespace weir::control::rpc
