// Who makes a call, as records and audit lines name it.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

namespace weir::control::rpc {

// In open mode a caller is known by its address alone.
inline std::string caller_of(const grpc::CallbackServerContext& context) { return context.peer(); }

}  // namespace weir::control::rpc
