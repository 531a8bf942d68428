#include "control_svc/store/fleet_operations.h"

#include <memory>
#include <utility>

namespace weir::control::store {

using domain::FleetSnapshot;
using domain::Outcome;

FleetOperations::FleetOperations(RecordStore& store, SessionOperations& sessions,
                                 domain::FleetSettings settings, SteadyTime listening_since,
                                 LostSink lost)
    : store_(store),
      sessions_(sessions),
      settings_(settings),
      listening_since_(listening_since),
      lost_(std::move(lost)) {}

void FleetOperations::load(Callback<FleetSnapshot> done) {
  store_.load_fleet(
      [done = std::move(done)](const Result<Loaded<FleetSnapshot>, StoreError>& fleet) {
        if (!fleet) return done(store_unavailable());
        done(fleet->record);
      });
}

void FleetOperations::greet(domain::InstanceHello hello, Callback<Done> done) {
  load([hello = std::move(hello), done = std::move(done)](const Outcome<FleetSnapshot>& fleet) {
    if (!fleet) return done(fleet.error());
    if (auto refusal = domain::refuse_hello(**fleet, hello)) return done(*std::move(refusal));
    done(Done{});
  });
}

void FleetOperations::take_in(domain::InstanceHello hello, Now now, Callback<Done> done) {
  decide([hello = std::move(hello), now](
             const domain::FleetRecord& fleet) { return domain::take_in(fleet, hello, now.wall); },
         now, std::move(done));
}

void FleetOperations::watch(std::vector<domain::InstanceSighting> sightings, Now now,
                            std::function<void()> done) {
  decide(
      [this, sightings = std::move(sightings), now](const domain::FleetRecord& fleet) {
        return domain::watch(fleet, sightings, listening_since_, settings_, now);
      },
      now, [done = std::move(done)](const Outcome<Done>&) { done(); });
}

template <class Rule>
Operation FleetOperations::decide(Rule rule, Now now, Callback<Done> done) {
  while (true) {
    const auto loaded = co_await awaited<Loaded<FleetSnapshot>>(
        [this](auto next) { store_.load_fleet(std::move(next)); });
    if (!loaded) co_return done(store_unavailable());
    domain::FleetDecision decision = rule(*loaded->record);
    if (!decision.changed) co_return done(Done{});
    FleetCommit commit{std::make_shared<const domain::FleetRecord>(std::move(decision.record)),
                       loaded->version,
                       {decision.events.begin(), decision.events.end()}};
    const auto committed = co_await awaited<Done>(
        [&](auto next) { store_.commit_fleet(std::move(commit), std::move(next)); });
    if (committed) {
      for (const domain::LostIncarnation& lost : decision.lost) {
        lost_(lost);
        sessions_.interrupt_instance(lost.instance_id, lost.incarnation, now, [](std::size_t) {});
      }
      co_return done(Done{});
    }
    if (committed.error() != StoreError::kConflict) co_return done(store_unavailable());
  }
}

}  // namespace weir::control::store
