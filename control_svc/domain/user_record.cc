#include "control_svc/domain/user_record.h"

#include <algorithm>
#include <utility>

namespace weir::control::domain {

bool UserRecord::vacant() const {
  return sessions.empty() && requests.empty() && blocks.empty() && limits == UserLimits{};
}

SteadyTime UserRecord::next_deadline() const {
  SteadyTime next = kNever;
  for (const Session& session : sessions) next = std::min(next, session.lease.deadline);
  for (const RememberedRequest& request : requests) next = std::min(next, request.until);
  for (const Block& block : blocks) next = std::min(next, block.until);
  return next;
}

const Session* UserRecord::find(const SessionId& id) const {
  const auto found = std::ranges::find(sessions, id, &Session::id);
  return found == sessions.end() ? nullptr : &*found;
}

Session* UserRecord::find(const SessionId& id) {
  return const_cast<Session*>(std::as_const(*this).find(id));
}

}  // namespace weir::control::domain
