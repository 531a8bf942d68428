// Sessions to be touched.
#pragma once

#include <string>
#include <vector>

#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {

inline constexpr const char* kStream = "live/bench";

// A media instance, as control knows it; of empty texts: none.
struct Holder {
  std::string instance_id;
  std::string incarnation;
};

struct AdmittedSession {
  std::string session_id;
  std::string user_id;
};

// Admits a player; on a holder as soon as control gives that new work, which may have just come or
// been silent for too long. Throws std::runtime_error with the refusal, on a holder after 30 s.
AdmittedSession admit(weir::v1::SessionService::Stub& stub, const std::string& user_id,
                      const Holder& holder = {});

// Admits so many, each of another user, and starts them with a first touch. Throws
// std::runtime_error when one is refused.
std::vector<AdmittedSession> admit_sessions(weir::v1::SessionService::Stub& stub, int count,
                                            const Holder& holder = {});

}  // namespace weir::bench
