// Sessions to be touched.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {

inline constexpr const char* kStream = "live/bench";
inline constexpr const char* kInstance = "bench-instance";
inline constexpr const char* kIncarnation = "0123456789abcdef0123456789abcdef";

struct TouchedSession {
  std::string session_id;
  std::string user_id;
};

// Admits so many, each of another user, on the instance if `on_instance`, and starts them with a
// first touch. Throws std::runtime_error when one is refused.
std::vector<TouchedSession> admit_sessions(weir::v1::SessionService::Stub& stub, int count,
                                           bool on_instance);

}  // namespace weir::bench
