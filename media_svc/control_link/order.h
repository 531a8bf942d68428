// What control wants of this instance, and what it answers to a wish to go, without gRPC's types.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "common/clock.h"
#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

// Control ended a session that is held here: its stream must be closed.
struct EndOrder {
  std::string session_id;
  std::int64_t epoch = 0;
  // EndReason without its prefix, in lower case: "kicked", "expired", "moved".
  std::string reason;
  std::string message;
};

// The publisher of a session that is held here should go elsewhere; the session goes on.
struct MoveOrder {
  std::string session_id;
  std::int64_t epoch = 0;
  Route target;
};

// Permission to shut down, or the wish that the instance does. Durations count from the arrival.
struct ShutdownGrant {
  // Rises with each drain of the instance.
  std::int64_t generation = 0;
  Duration grace{0};
  Duration deadline{0};
  // Who wanted it, for the log: "lifetime", "operator", "sigterm".
  std::string cause;
};

struct DrainCancelled {
  std::int64_t generation = 0;
};

// New publishers and readiness are kept away, or not any more.
struct CordonOrder {
  bool on = false;
};

using Order = std::variant<EndOrder, MoveOrder, ShutdownGrant, DrainCancelled, CordonOrder>;

enum class ShutdownCause : std::uint8_t { kLifetime, kUnhealthy, kSigterm };

struct ShutdownRequest {
  ShutdownCause cause = ShutdownCause::kLifetime;
  // Of kSigterm: until the process must be gone.
  Duration time_left{0};
};

struct ShutdownDenial {
  // DenialReason without its prefix, in lower case: "min_ready", "frozen".
  std::string reason;
  Duration retry_after{0};
  std::int32_t queue_position = 0;
};

// Control could not be reached, or did not answer in time.
struct ShutdownUnanswered {};

using ShutdownAnswer = std::variant<ShutdownGrant, ShutdownDenial, ShutdownUnanswered>;

}  // namespace weir::media::control_link
