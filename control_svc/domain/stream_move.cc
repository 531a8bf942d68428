#include "control_svc/domain/stream_move.h"

#include <algorithm>
#include <chrono>

#include "control_svc/domain/placement.h"

namespace weir::control::domain {
namespace {

constexpr double kLeastPace = 5;
// The last streams are asked so long before the deadline, to have the time to go.
constexpr Duration kTimeToGo = std::chrono::seconds{5};
constexpr Duration kLeastTime = std::chrono::seconds{1};
constexpr Duration kAskAgain = std::chrono::seconds{2};

}  // namespace

double move_pace(std::size_t left, Duration to_deadline) {
  const Duration usable = std::max(to_deadline - kTimeToGo, kLeastTime);
  const double seconds = std::chrono::duration<double>(usable).count();
  return std::max(kLeastPace, static_cast<double>(left) / seconds);
}

bool moves_streams(const InstanceRecord& instance, SteadyTime now) {
  return instance.state == InstanceState::kDraining && instance.drain &&
         now >= instance.drain->migrate_at && now < instance.drain->deadline;
}

Outcome<Route> move_target(const FleetRecord& fleet, std::string_view from,
                           std::string_view named) {
  if (named.empty()) {
    const InstanceRecord* picked = pick_instance(fleet, from);
    if (picked != nullptr) return picked->route;
    return refuse(RefusalReason::kNoInstanceCapacity, "no other instance takes a stream now",
                  kAskAgain);
  }
  const InstanceRecord* target = fleet.find(named);
  if (target == nullptr) {
    return refuse(RefusalReason::kInstanceNotFound, "there is no instance of this name");
  }
  if (named == from) return refuse(RefusalReason::kInvalidState, "the stream is there already");
  if (!target->takes_streams()) {
    return refuse(RefusalReason::kInstanceNotAccepting, "the instance takes no new work",
                  kAskAgain);
  }
  return target->route;
}

}  // namespace weir::control::domain
