#include "control_svc/domain/fleet_rules.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "control_svc/domain/session.h"

namespace weir::control::domain {
namespace {

// So many incarnations of an instance are remembered as replaced.
constexpr std::size_t kRememberedIncarnations = 8;

InstanceRecord newcomer(const InstanceHello& hello, Now now) {
  InstanceRecord record;
  record.instance_id = hello.instance_id;
  record.incarnation = hello.incarnation;
  record.version = hello.version;
  record.route = hello.route;
  record.started = now.wall;
  record.changed = now.steady;
  return record;
}

// A new process under the old name: what belongs to the instance stays, the rest is new.
InstanceRecord successor(const InstanceRecord& old, const InstanceHello& hello, Now now) {
  InstanceRecord record = newcomer(hello, now);
  record.cordoned = old.cordoned;
  record.drain_generation = old.drain_generation;
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
                   const ReportRhythm& rhythm) {
  if (place->state == InstanceState::kUnreachable) {
    if (silence >= rhythm.lease) return change.become(place, InstanceState::kLost);
    if (silence < rhythm.unreachable_after()) change.become(place, place->resumes_as);
    return;
  }
  if (silence >= rhythm.unreachable_after()) change.become(place, InstanceState::kUnreachable);
}

void take_report(FleetChange& change, InstanceSnapshot& place, const InstanceSighting& sighting) {
  if (place->ready != sighting.ready || !(place->load == sighting.load)) {
    InstanceRecord record = *place;
    record.ready = sighting.ready;
    record.load = sighting.load;
    change.refresh(place, std::move(record));
  }
  if (place->state == InstanceState::kStarting && place->ready) {
    change.become(place, InstanceState::kActive);
  }
}

// What time does to a drain, whether or not its instance is heard.
void pass_time(FleetChange& change, InstanceSnapshot& place) {
  const SteadyTime now = change.now().steady;
  if (now >= place->drain->deadline) return change.stop(place, true);
  if (place->when_heard() != InstanceState::kGrace || now < place->drain->grace_end) return;
  if (place->state == InstanceState::kGrace) {
    return change.become(place, InstanceState::kDraining);
  }
  InstanceRecord record = *place;
  record.resumes_as = InstanceState::kDraining;
  change.replace(place, std::move(record));
}

void watch_drain(FleetChange& change, InstanceSnapshot& place, const InstanceSighting* sighting,
                 std::span<const std::uint32_t> emptied) {
  pass_time(change, place);
  if (place->gone() || sighting == nullptr) return;
  const auto holder = holder_digest(place->instance_id, place->incarnation);
  const bool empty = place->state == InstanceState::kDraining &&
                     std::ranges::find(emptied, holder) != emptied.end();
  const bool left = sighting->left && sighting->nothing_left(*place->drain);
  if (empty || left) change.stop(place, false);
}

// Places of those who do not ask any more.
void tidy_queue(FleetChange& change) {
  const std::vector<QueuePlace>& queue = change.record().queue;
  const auto outdated = [&](const QueuePlace& place) {
    const InstanceRecord* instance = change.record().find(place.instance_id);
    return instance == nullptr || instance->gone() || change.now().steady >= place.lapses_at;
  };
  if (std::ranges::none_of(queue, outdated)) return;
  std::erase_if(change.edit().queue, outdated);
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

FleetRuling<InstanceSnapshot> take_in(FleetRecord fleet, const InstanceHello& hello, Now now) {
  FleetChange change(std::move(fleet), now);
  InstanceSnapshot* place = change.find(hello.instance_id);
  if (place == nullptr) {
    change.add(newcomer(hello, now));
  } else if ((*place)->incarnation == hello.incarnation) {
    refresh(change, *place, hello);
  } else {
    const InstanceRecord old = **place;
    if (!old.gone()) change.become(*place, InstanceState::kLost);
    change.remove(hello.instance_id);
    change.add(successor(old, hello, now));
  }
  const InstanceSnapshot taken_in = *change.find(hello.instance_id);
  return {taken_in, change.finish()};
}

FleetDecision watch(FleetRecord fleet, const FleetObservation& seen, const FleetSettings& settings,
                    Now now) {
  std::unordered_map<std::string_view, const InstanceSighting*> heard;
  for (const InstanceSighting& sighting : seen.sightings) heard[sighting.instance_id] = &sighting;
  const ReportRhythm of_fleet = settings.rhythm_of_fleet(fleet.serving());
  FleetChange change(std::move(fleet), now);
  for (InstanceSnapshot& place : change.instances()) {
    if (place->gone()) continue;
    const auto found = heard.find(place->instance_id);
    const bool current = found != heard.end() && found->second->incarnation == place->incarnation;
    const InstanceSighting* sighting = current ? found->second : nullptr;
    const SteadyTime last = current ? sighting->heard : seen.listening_since;
    const bool told = current && sighting->report_interval > Duration::zero();
    watch_silence(change, place, now.steady - last,
                  told ? settings.rhythm_at(sighting->report_interval) : of_fleet);
    if (current && !place->gone()) take_report(change, place, *sighting);
    if (place->drain && !place->gone()) watch_drain(change, place, sighting, seen.emptied);
  }
  tidy_queue(change);
  change.forget_gone(settings.tombstone);
  return change.finish();
}

}  // namespace weir::control::domain
