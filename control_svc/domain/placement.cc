#include "control_svc/domain/placement.h"

#include <algorithm>
#include <limits>

namespace weir::control::domain {
namespace {

constexpr Duration kAskAgainElsewhere = std::chrono::seconds{1};

bool has_room(const Load& load, int coming) {
  return load.max_publishers == 0 || load.publishers + coming < load.max_publishers;
}

bool takes_new_work(const InstanceRecord& instance, SessionKind kind, bool stream_here) {
  switch (instance.state) {
    case InstanceState::kStarting:
    case InstanceState::kActive:
    case InstanceState::kGrace:
      return !instance.cordoned || (kind == SessionKind::kPlay && stream_here);
    default:
      return false;
  }
}

}  // namespace

const InstanceRecord* pick_instance(const FleetRecord& fleet, std::string_view except,
                                    const OnTheirWay& coming) {
  const InstanceRecord* best = nullptr;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const InstanceSnapshot& instance : fleet.instances) {
    if (!instance->takes_streams() || instance->instance_id == except) continue;
    const auto sent = coming.find(instance->instance_id);
    const int more = sent == coming.end() ? 0 : sent->second;
    if (!has_room(instance->load, more)) continue;
    const std::int64_t load =
        std::int64_t{instance->load.publishers} + instance->load.players + more;
    if (load >= least) continue;
    least = load;
    best = instance.get();
  }
  return best;
}

std::optional<Refusal> refuse_place(const FleetRecord& fleet, std::string_view instance_id,
                                    std::string_view incarnation, SessionKind kind,
                                    bool stream_here) {
  const InstanceRecord* instance = fleet.find(instance_id);
  if (instance == nullptr) return std::nullopt;
  if (instance->incarnation != incarnation) {
    return refuse(RefusalReason::kStaleIncarnation, "the instance has started anew since");
  }
  if (takes_new_work(*instance, kind, stream_here)) return std::nullopt;
  Refusal refusal = refuse(RefusalReason::kInstanceNotAccepting, "the instance takes no new work",
                           kAskAgainElsewhere);
  if (const InstanceRecord* other = pick_instance(fleet)) refusal.route = other->route;
  return refusal;
}

Route route_to(const FleetRecord& fleet, std::string_view instance_id) {
  const InstanceRecord* instance = fleet.find(instance_id);
  return instance == nullptr ? Route{} : instance->route;
}

}  // namespace weir::control::domain
