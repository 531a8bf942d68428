// Whether a new publisher may take a stream from a live one.
#pragma once

#include "control_svc/domain/context.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/stream_claim.h"

namespace weir::control::domain {

enum class Takeover : std::uint8_t {
  // Its connection is gone anyway.
  kOfStale,
  // Of the same user's running publisher: not again for a while.
  kOfRunning,
};

// `same_user`: the holder is the asking user's own, and that is a real user.
Outcome<Takeover> take_over(const StreamClaim& claim, const Session& holder, bool same_user,
                            const Context& context);

}  // namespace weir::control::domain
