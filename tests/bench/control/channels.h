// Connections to the server under load.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::bench {

// Each with a connection of its own.
std::vector<std::shared_ptr<grpc::Channel>> open_channels(const std::string& server, int count);

}  // namespace weir::bench
