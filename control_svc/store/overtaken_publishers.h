// Publishers whose stream went to somebody else and who live on by their records: control was
// killed between the claim's commit and their end, or the store could not take that end.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "common/clock.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Ends them as REPLACED. Owned by the operations, used from any thread. Nobody knows what an
// earlier process has left, so the first look is due from the start on.
class OvertakenPublishers {
 public:
  explicit OvertakenPublishers(const Decider& decider) : decider_(decider) {}

  // Whose stream `by` has just been given; if the store cannot take it now, a later look does it.
  void end(const domain::SessionId& id, const domain::SessionId& by, Now now);
  // Somebody may have been left: looks before long.
  void suspect(Now now);
  // True once for each look that has become due.
  bool due(Now now);
  // Finds all and ends them. Looks at every session once, so it is not for every tick.
  Operation look(Now now, std::function<void()> done);

 private:
  // So that a store that takes nothing for a while is not searched all the time.
  static constexpr Duration kPause = std::chrono::seconds{5};

  void replace(const domain::SessionId& id, const domain::SessionId& by, Now now,
               std::function<void()> done);

  const Decider& decider_;
  std::mutex mutex_;
  std::optional<SteadyTime> next_look_{SteadyTime::min()};
};

}  // namespace weir::control::store
