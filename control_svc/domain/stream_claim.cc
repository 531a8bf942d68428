#include "control_svc/domain/stream_claim.h"

namespace weir::control::domain {

std::optional<SteadyTime> next_review(const Session* holder, const Context& context) {
  if (holder == nullptr) return std::nullopt;
  if (holder->live()) return context.now.steady + context.settings.tombstone;
  if (holder->lease.deadline <= context.now.steady) return std::nullopt;
  return holder->lease.deadline;
}

}  // namespace weir::control::domain
