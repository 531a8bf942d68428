// Who may publish a stream. The holder's liveness is its session's, so a claim is written only
// when a new publishing connection takes it.
#pragma once

#include <cstdint>
#include <optional>

#include "common/clock.h"
#include "control_svc/domain/context.h"
#include "control_svc/domain/session.h"
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
  std::optional<SteadyTime> last_takeover = {};
  // When to see whether anybody still needs this claim.
  SteadyTime review_at{kNever};
};

// Somebody else was given the stream after the publisher with this epoch, and may have ended since.
// The publisher can only end, also where control was killed before it ended it.
bool overtaken(const StreamClaim& claim, const SessionId& publisher, std::int64_t epoch);

// When to review the claim again, given its holder's session as far as it is on record; never: the
// claim can go, because nobody can come back to it.
std::optional<SteadyTime> next_review(const Session* holder, const Context& context);

}  // namespace weir::control::domain
