// The one table from the domain's refusals to gRPC statuses.
#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/refusal.h"

namespace weir::control::rpc {

// The ErrorInfo reason, as clients and metrics know it: "SESSION_LIMIT_REACHED".
std::string_view reason_name(domain::RefusalReason reason);
grpc::Status to_status(const domain::Refusal& refusal, Now now);

}  // namespace weir::control::rpc
