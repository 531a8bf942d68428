#include "control_svc/store/fleet_operations.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "control_svc/domain/session.h"
#include "control_svc/store/held_streams.h"

namespace weir::control::store {

using domain::FleetRecord;
using domain::FleetSnapshot;
using domain::InstanceSnapshot;
using domain::Outcome;

namespace {

// Holders whose drain may be over: by their own account nothing is left.
std::vector<std::uint32_t> seemingly_empty(const FleetRecord& fleet,
                                           const std::vector<domain::InstanceSighting>& sightings) {
  std::vector<std::uint32_t> holders;
  for (const domain::InstanceSighting& sighting : sightings) {
    if (sighting.drain_generation == 0) continue;
    const domain::InstanceRecord* instance = fleet.find(sighting.instance_id);
    const bool drains = instance != nullptr && instance->drain &&
                        instance->state == domain::InstanceState::kDraining &&
                        instance->incarnation == sighting.incarnation;
    if (drains && sighting.nothing_left(*instance->drain)) {
      holders.push_back(domain::holder_digest(sighting.instance_id, sighting.incarnation));
    }
  }
  return holders;
}

}  // namespace

FleetOperations::FleetOperations(RecordStore& store, SessionOperations& sessions,
                                 domain::FleetSettings settings, SteadyTime listening_since,
                                 FleetSinks sinks)
    : store_(store),
      sessions_(sessions),
      settings_(settings),
      listening_since_(listening_since),
      sinks_(std::move(sinks)) {}

void FleetOperations::load(Callback<FleetSnapshot> done) {
  store_.load_fleet(
      [done = std::move(done)](const Result<Loaded<FleetSnapshot>, StoreError>& fleet) {
        if (!fleet) return done(store_unavailable());
        done(fleet->record);
      });
}

void FleetOperations::greet(domain::InstanceHello hello, Callback<domain::ReportRhythm> done) {
  load([this, hello = std::move(hello),
        done = std::move(done)](const Outcome<FleetSnapshot>& fleet) {
    if (!fleet) return done(fleet.error());
    if (auto refusal = domain::refuse_hello(**fleet, hello)) return done(*std::move(refusal));
    done(settings_.rhythm_of_fleet((*fleet)->serving()));
  });
}

void FleetOperations::take_in(domain::InstanceHello hello, Now now,
                              Callback<InstanceSnapshot> done) {
  decide<InstanceSnapshot>(
      [hello = std::move(hello), now](const FleetRecord& fleet) {
        return domain::take_in(fleet, hello, now);
      },
      now, std::move(done));
}

void FleetOperations::request_shutdown(domain::ShutdownRequest request, Now now,
                                       Callback<domain::ShutdownAnswer> done) {
  decide<domain::ShutdownAnswer>(
      [this, request = std::move(request), now](const FleetRecord& fleet) {
        return domain::decide_shutdown(fleet, request, settings_.shutdown, now);
      },
      now, std::move(done));
}

void FleetOperations::cancel_drain(std::string instance_id, Now now,
                                   Callback<InstanceSnapshot> done) {
  decide<InstanceSnapshot>(
      [instance_id = std::move(instance_id), now](const FleetRecord& fleet) {
        return domain::cancel_drain(fleet, instance_id, now);
      },
      now, std::move(done));
}

void FleetOperations::set_cordon(std::string instance_id, bool on, Now now,
                                 Callback<InstanceSnapshot> done) {
  decide<InstanceSnapshot>(
      [instance_id = std::move(instance_id), on, now](const FleetRecord& fleet) {
        return domain::set_cordon(fleet, instance_id, on, now);
      },
      now, std::move(done));
}

void FleetOperations::set_freeze(std::optional<domain::DrainFreeze> freeze, Now now,
                                 Callback<std::optional<domain::DrainFreeze>> done) {
  decide<std::optional<domain::DrainFreeze>>(
      [freeze = std::move(freeze), now](const FleetRecord& fleet) {
        return domain::set_freeze(fleet, freeze, now);
      },
      now, std::move(done));
}

void FleetOperations::finish_losses(Now now) {
  load([this, now](const Outcome<FleetSnapshot>& fleet) {
    if (!fleet) return;
    GoneHolders gone;
    for (const InstanceSnapshot& instance : (*fleet)->instances) {
      for (const std::string& incarnation : instance->replaced) {
        gone[domain::holder_digest(instance->instance_id, incarnation)] = false;
      }
      if (!instance->gone()) continue;
      const bool cut = instance->state == domain::InstanceState::kStopped && instance->drain &&
                       now.steady >= instance->drain->deadline;
      gone[domain::holder_digest(instance->instance_id, instance->incarnation)] = cut;
    }
    if (!gone.empty()) sessions_.interrupt(std::move(gone), now, [](std::size_t) {});
  });
}

void FleetOperations::watch(std::vector<domain::InstanceSighting> sightings, Now now,
                            std::function<void()> done) {
  search_and_watch(std::move(sightings), now, std::move(done));
}

Operation FleetOperations::search_and_watch(std::vector<domain::InstanceSighting> sightings,
                                            Now now, std::function<void()> done) {
  const auto loaded = co_await awaited<Loaded<FleetSnapshot>>(
      [this](auto next) { store_.load_fleet(std::move(next)); });
  if (!loaded) co_return done();
  // A draining instance takes nothing new, so that what is empty stays so.
  std::vector<std::uint32_t> emptied = seemingly_empty(*loaded->record, sightings);
  if (!emptied.empty()) {
    const auto held = co_await awaited<HeldByInstance>(
        [&](auto next) { find_held(store_, emptied, std::move(next)); });
    std::erase_if(emptied,
                  [&held](std::uint32_t holder) { return !held || !held->at(holder).empty(); });
  }
  decide<Done>(
      [this, sightings = std::move(sightings), emptied = std::move(emptied),
       now](const FleetRecord& fleet) {
        return domain::FleetRuling<Done>{Done{}, domain::watch(fleet,
                                                               {.sightings = sightings,
                                                                .listening_since = listening_since_,
                                                                .emptied = emptied},
                                                               settings_, now)};
      },
      now, [done = std::move(done)](const Outcome<Done>&) { done(); });
}

template <class Answer, class Rule>
Operation FleetOperations::decide(Rule rule, Now now, Callback<Answer> done) {
  while (true) {
    const auto loaded = co_await awaited<Loaded<FleetSnapshot>>(
        [this](auto next) { store_.load_fleet(std::move(next)); });
    if (!loaded) co_return done(store_unavailable());
    domain::FleetRuling<Answer> ruling = rule(*loaded->record);
    domain::FleetDecision& decision = ruling.decision;
    if (!ruling.answer || !decision.changed) co_return done(std::move(ruling.answer));
    FleetCommit commit{std::make_shared<const FleetRecord>(std::move(decision.record)),
                       loaded->version,
                       {decision.events.begin(), decision.events.end()},
                       decision.lasting};
    const auto committed = co_await awaited<Done>(
        [&](auto next) { store_.commit_fleet(std::move(commit), std::move(next)); });
    if (committed) {
      carry_out(decision, now);
      co_return done(std::move(ruling.answer));
    }
    if (committed.error() != StoreError::kConflict) co_return done(store_unavailable());
  }
}

void FleetOperations::carry_out(const domain::FleetDecision& decision, Now now) {
  GoneHolders gone;
  for (const domain::LostIncarnation& lost : decision.lost) {
    sinks_.lost(lost);
    gone[domain::holder_digest(lost.instance_id, lost.incarnation)] = false;
  }
  for (const domain::StoppedIncarnation& stopped : decision.stopped) {
    gone[domain::holder_digest(stopped.instance_id, stopped.incarnation)] = stopped.at_deadline;
  }
  if (!gone.empty()) sessions_.interrupt(std::move(gone), now, [](std::size_t) {});
  for (const InstanceSnapshot& instance : decision.ordered) sinks_.ordered(*instance);
}

}  // namespace weir::control::store
