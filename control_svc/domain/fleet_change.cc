#include "control_svc/domain/fleet_change.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "control_svc/domain/shutdown_queue.h"

namespace weir::control::domain {
namespace {

InstanceEventType event_of(InstanceState state) {
  switch (state) {
    case InstanceState::kStarting:
      return InstanceEventType::kStarting;
    case InstanceState::kActive:
      return InstanceEventType::kActive;
    case InstanceState::kUnreachable:
      return InstanceEventType::kUnreachable;
    case InstanceState::kGrace:
      return InstanceEventType::kGrace;
    case InstanceState::kDraining:
      return InstanceEventType::kDraining;
    case InstanceState::kStopped:
      return InstanceEventType::kStopped;
    case InstanceState::kLost:
      return InstanceEventType::kLost;
  }
  return {};
}

}  // namespace

FleetRecord& FleetChange::edit() {
  decision_.changed = true;
  decision_.lasting = true;
  return decision_.record;
}

InstanceSnapshot* FleetChange::find(std::string_view instance_id) {
  const auto found = std::ranges::find_if(
      instances(), [&](const InstanceSnapshot& each) { return each->instance_id == instance_id; });
  return found == instances().end() ? nullptr : &*found;
}

void FleetChange::replace(InstanceSnapshot& place, InstanceRecord record) {
  refresh(place, std::move(record));
  decision_.lasting = true;
}

void FleetChange::refresh(InstanceSnapshot& place, InstanceRecord record) {
  place = std::make_shared<const InstanceRecord>(std::move(record));
  decision_.changed = true;
}

void FleetChange::become(InstanceSnapshot& place, InstanceState state) {
  InstanceRecord record = *place;
  if (state == InstanceState::kUnreachable) record.resumes_as = record.state;
  record.state = state;
  record.changed = now_.steady;
  replace(place, std::move(record));
  if (state != InstanceState::kLost) return note(event_of(state), place);
  note(event_of(state), place, end_of_drain(*place, DrainOutcome::kLost));
  decision_.lost.push_back({place->instance_id, place->incarnation});
}

std::optional<DrainEnd> FleetChange::end_of_drain(const InstanceRecord& instance,
                                                  DrainOutcome outcome) const {
  if (!instance.drain) return std::nullopt;
  return DrainEnd{.outcome = outcome, .lasted = now_.steady - instance.drain->requested};
}

void FleetChange::stop(InstanceSnapshot& place, bool at_deadline) {
  become(place, InstanceState::kStopped);
  decision_.events.back().drain_end =
      end_of_drain(*place, at_deadline ? DrainOutcome::kDeadline : DrainOutcome::kEmptied);
  decision_.stopped.push_back({place->instance_id, place->incarnation, at_deadline});
}

void FleetChange::add(InstanceRecord record) {
  edit().instances.push_back(std::make_shared<const InstanceRecord>(std::move(record)));
  note(event_of(instances().back()->state), instances().back());
}

void FleetChange::remove(std::string_view instance_id) {
  std::erase_if(edit().instances,
                [&](const InstanceSnapshot& each) { return each->instance_id == instance_id; });
  leave_queue(decision_.record.queue, instance_id);
}

void FleetChange::forget_gone(Duration tombstone) {
  const auto outdated = [&](const InstanceSnapshot& each) {
    return each->gone() && now_.steady - each->changed >= tombstone;
  };
  if (std::ranges::any_of(instances(), outdated)) std::erase_if(edit().instances, outdated);
}

void FleetChange::note(InstanceEventType type, const InstanceSnapshot& instance,
                       std::optional<DrainEnd> drain_end) {
  decision_.events.push_back(
      {.type = type, .instance = instance, .time = now_.wall, .drain_end = drain_end});
}

}  // namespace weir::control::domain
