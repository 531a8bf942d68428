// gRPC's own complaints, as lines of our log.
#pragma once

namespace weir::wire {

// Called once by main, after the log's output was made. Without it gRPC writes to stderr.
void route_grpc_log();

}  // namespace weir::wire
