#include "control_svc/domain/fleet_record.h"

#include <algorithm>

namespace weir::control::domain {

const InstanceRecord* FleetRecord::find(std::string_view instance_id) const {
  const auto found = std::ranges::find_if(
      instances, [&](const InstanceSnapshot& each) { return each->instance_id == instance_id; });
  return found == instances.end() ? nullptr : found->get();
}

std::size_t FleetRecord::serving() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(instances, [](const auto& each) { return !each->gone(); }));
}

}  // namespace weir::control::domain
