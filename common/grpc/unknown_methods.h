// Calls of methods that no service has.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include "common/grpc/server_metrics.h"

namespace weir::wire {

// Refuses them as gRPC itself would, and counts them all as one method: names that callers make up
// are no labels. Owned by the server that it is given to; called on gRPC's threads.
class UnknownMethods final : public grpc::CallbackGenericService {
 public:
  explicit UnknownMethods(ServerMetrics& metrics) : method_(metrics.unknown_method()) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

 private:
  ServerMetrics::Method& method_;
};

}  // namespace weir::wire
