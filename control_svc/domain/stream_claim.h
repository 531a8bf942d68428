// Who may publish a stream. The holder's liveness is its session's, so a claim is written only
// when a new publishing connection takes it.
#pragma once

#include <cstdint>

#include "common/clock.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/text.h"

namespace weir::control::domain {

struct StreamClaim {
  Text stream_id;
  // Rises with each new publishing connection; 0 before the first.
  std::int64_t epoch = 0;
  SessionId holder;
  Text holder_user;
  WallTime started{};
  // When the same user last took the stream from a live session of its own.
  SteadyTime last_takeover{SteadyTime::min()};
  // When to see whether anybody still needs this claim.
  SteadyTime review_at{kNeverReviewed};

  static constexpr SteadyTime kNeverReviewed = SteadyTime::max();
};

}  // namespace weir::control::domain
