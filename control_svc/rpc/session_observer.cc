#include "control_svc/rpc/session_observer.h"

#include <algorithm>

namespace weir::control::rpc {

void count_touches(SessionObserver& observer, std::size_t asked,
                   const std::vector<domain::TouchFailure>& failures) {
  const auto ended = static_cast<std::size_t>(
      std::ranges::count_if(failures, [](const domain::TouchFailure& each) { return each.found; }));
  observer.on_touches(TouchResult::kRenewed, asked - failures.size());
  observer.on_touches(TouchResult::kEnded, ended);
  observer.on_touches(TouchResult::kNotFound, failures.size() - ended);
}

}  // namespace weir::control::rpc
