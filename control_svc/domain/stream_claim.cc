#include "control_svc/domain/stream_claim.h"

namespace weir::control::domain {

bool overtaken(const StreamClaim& claim, const SessionId& publisher, std::int64_t epoch) {
  return claim.holder != publisher && claim.epoch >= epoch;
}

// Once the claim is forgotten the stream's epochs begin at 1 again. That mixes up nothing: whoever
// speaks of an epoch names its session too, and none of the old ones is on record any more. An
// instance that still holds one is believed where nobody publishes the stream meanwhile, and else
// has to end it (held_session.h).
std::optional<SteadyTime> next_review(const Session* holder, const Context& context) {
  if (holder == nullptr) return std::nullopt;
  if (holder->live()) return context.now.steady + context.settings.tombstone;
  if (holder->lease.deadline <= context.now.steady) return std::nullopt;
  return holder->lease.deadline;
}

}  // namespace weir::control::domain
