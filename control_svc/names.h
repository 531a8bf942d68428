// Words for the domain's enums, the same in log lines and metric labels.
#pragma once

#include <string_view>

#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/shutdown_policy.h"
#include "control_svc/rpc/session_observer.h"

namespace weir::control {

std::string_view name_of(domain::SessionKind kind);
std::string_view name_of(domain::SessionState state);
std::string_view name_of(domain::EndReason reason);
std::string_view name_of(domain::InstanceState state);
std::string_view name_of(domain::ShutdownCause cause);
std::string_view name_of(domain::DenialReason reason);
std::string_view name_of(domain::DrainOutcome outcome);
std::string_view name_of(rpc::TouchResult result);
std::string_view name_of(rpc::StaleWrite what);

}  // namespace weir::control
