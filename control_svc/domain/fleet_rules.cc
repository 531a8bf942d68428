#include "control_svc/domain/fleet_rules.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace weir::control::domain {
namespace {

// So many incarnations of an instance are remembered as replaced.
constexpr std::size_t kRememberedIncarnations = 8;

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

bool is_gone(InstanceState state) {
  return state == InstanceState::kLost || state == InstanceState::kStopped;
}

// The fleet under change. Each instance that changes gets a copy of its own; lives as long as one
// decision.
class FleetChange {
 public:
  FleetChange(FleetRecord fleet, WallTime now) : now_(now) { decision_.record = std::move(fleet); }

  std::vector<InstanceSnapshot>& instances() { return decision_.record.instances; }

  void replace(InstanceSnapshot& place, InstanceRecord record) {
    place = std::make_shared<const InstanceRecord>(std::move(record));
    decision_.changed = true;
  }

  // A written transition, with its event.
  void become(InstanceSnapshot& place, InstanceState state) {
    InstanceRecord record = *place;
    if (state == InstanceState::kUnreachable) record.resumes_as = record.state;
    record.state = state;
    record.changed = now_;
    replace(place, std::move(record));
    note(*place);
    if (state == InstanceState::kLost) {
      decision_.lost.push_back({place->instance_id, place->incarnation});
    }
  }

  void add(InstanceRecord record) {
    instances().push_back(std::make_shared<const InstanceRecord>(std::move(record)));
    decision_.changed = true;
    note(*instances().back());
  }

  void forget_gone(Duration tombstone) {
    const auto outdated = [&](const InstanceSnapshot& each) {
      return is_gone(each->state) && now_ - each->changed >= tombstone;
    };
    if (std::erase_if(instances(), outdated) > 0) decision_.changed = true;
  }

  FleetDecision finish() { return std::move(decision_); }

 private:
  void note(const InstanceRecord& record) {
    decision_.events.push_back({.type = event_of(record.state),
                                .instance = std::make_shared<const InstanceRecord>(record),
                                .time = now_});
  }

  FleetDecision decision_;
  WallTime now_;
};

InstanceRecord newcomer(const InstanceHello& hello, WallTime now) {
  InstanceRecord record;
  record.instance_id = hello.instance_id;
  record.incarnation = hello.incarnation;
  record.version = hello.version;
  record.route = hello.route;
  record.started = now;
  record.changed = now;
  return record;
}

// A new process under the old name: what belongs to the instance stays, the rest is new.
InstanceRecord successor(const InstanceRecord& old, const InstanceHello& hello, WallTime now) {
  InstanceRecord record = newcomer(hello, now);
  record.cordoned = old.cordoned;
  record.replaced = old.replaced;
  record.replaced.push_back(old.incarnation);
  if (record.replaced.size() > kRememberedIncarnations) {
    record.replaced.erase(record.replaced.begin());
  }
  return record;
}

void refresh(FleetChange& change, InstanceSnapshot& place, const InstanceHello& hello) {
  if (place->version != hello.version || !(place->route == hello.route)) {
    InstanceRecord record = *place;
    record.version = hello.version;
    record.route = hello.route;
    change.replace(place, std::move(record));
  }
  const InstanceState state = place->state;
  if (state == InstanceState::kUnreachable || state == InstanceState::kLost) {
    change.become(place, place->resumes_as);
  }
}

void watch_silence(FleetChange& change, InstanceSnapshot& place, Duration silence,
                   const FleetSettings& settings) {
  if (place->state == InstanceState::kUnreachable) {
    if (silence >= settings.lease) return change.become(place, InstanceState::kLost);
    if (silence < settings.unreachable_after()) change.become(place, place->resumes_as);
    return;
  }
  if (silence >= settings.unreachable_after()) change.become(place, InstanceState::kUnreachable);
}

void take_report(FleetChange& change, InstanceSnapshot& place, const InstanceSighting& sighting) {
  if (place->ready != sighting.ready || !(place->load == sighting.load)) {
    InstanceRecord record = *place;
    record.ready = sighting.ready;
    record.load = sighting.load;
    change.replace(place, std::move(record));
  }
  if (place->state == InstanceState::kStarting && place->ready) {
    change.become(place, InstanceState::kActive);
  }
}

}  // namespace

std::optional<Refusal> refuse_hello(const FleetRecord& fleet, const InstanceHello& hello) {
  const InstanceRecord* known = fleet.find(hello.instance_id);
  if (known == nullptr) return std::nullopt;
  if (std::ranges::find(known->replaced, hello.incarnation) == known->replaced.end()) {
    return std::nullopt;
  }
  return refuse(RefusalReason::kStaleIncarnation, "the instance has started anew since");
}

FleetDecision take_in(FleetRecord fleet, const InstanceHello& hello, WallTime now) {
  FleetChange change(std::move(fleet), now);
  const auto place = std::ranges::find_if(change.instances(), [&](const InstanceSnapshot& each) {
    return each->instance_id == hello.instance_id;
  });
  if (place == change.instances().end()) {
    change.add(newcomer(hello, now));
  } else if ((*place)->incarnation == hello.incarnation) {
    refresh(change, *place, hello);
  } else {
    const InstanceRecord old = **place;
    if (!is_gone(old.state)) change.become(*place, InstanceState::kLost);
    change.instances().erase(place);
    change.add(successor(old, hello, now));
  }
  return change.finish();
}

FleetDecision watch(FleetRecord fleet, std::span<const InstanceSighting> sightings,
                    SteadyTime listening_since, const FleetSettings& settings, Now now) {
  std::unordered_map<std::string_view, const InstanceSighting*> heard;
  for (const InstanceSighting& sighting : sightings) heard[sighting.instance_id] = &sighting;
  FleetChange change(std::move(fleet), now.wall);
  for (InstanceSnapshot& place : change.instances()) {
    if (is_gone(place->state)) continue;
    const auto found = heard.find(place->instance_id);
    const bool current = found != heard.end() && found->second->incarnation == place->incarnation;
    const SteadyTime last = current ? found->second->heard : listening_since;
    watch_silence(change, place, now.steady - last, settings);
    if (current && place->state != InstanceState::kLost) {
      take_report(change, place, *found->second);
    }
  }
  change.forget_gone(settings.tombstone);
  return change.finish();
}

}  // namespace weir::control::domain
