// gRPC's own complaints, and protobuf's, as lines of our log.
#pragma once

namespace weir::wire {

// Called once by main, after the log's output was made. Without it they write to stderr.
void route_grpc_log();

}  // namespace weir::wire
