#include "control_svc/domain/refusal.h"

#include <utility>

namespace weir::control::domain {

Refusal refuse(RefusalReason reason, std::string message, Duration retry_after) {
  Refusal refusal;
  refusal.reason = reason;
  refusal.message = std::move(message);
  refusal.retry_after = retry_after;
  return refusal;
}

}  // namespace weir::control::domain
