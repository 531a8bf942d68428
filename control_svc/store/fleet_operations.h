// What is asked of the fleet's record, whole: load, decide by the rules, commit, decide again when
// somebody else was quicker, and only then tell.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::store {

// Owned by main, one a process; store and operations outlive it. Any thread; callbacks as those of
// SessionOperations.
class FleetOperations {
 public:
  // Told when an incarnation is lost, after the commit; its sessions are interrupted meanwhile.
  using LostSink = std::function<void(const domain::LostIncarnation&)>;

  // `listening_since`: from when on instances could have been heard.
  FleetOperations(RecordStore& store, SessionOperations& sessions, domain::FleetSettings settings,
                  SteadyTime listening_since, LostSink lost);

  const domain::FleetSettings& settings() const { return settings_; }

  void load(Callback<domain::FleetSnapshot> done);
  // Whether this incarnation may attach; changes nothing.
  void greet(domain::InstanceHello hello, Callback<Done> done);
  void take_in(domain::InstanceHello hello, Now now, Callback<Done> done);
  // Called by a ticker with all that was heard.
  void watch(std::vector<domain::InstanceSighting> sightings, Now now, std::function<void()> done);

 private:
  template <class Rule>
  Operation decide(Rule rule, Now now, Callback<Done> done);

  RecordStore& store_;
  SessionOperations& sessions_;
  const domain::FleetSettings settings_;
  const SteadyTime listening_since_;
  const LostSink lost_;
};

}  // namespace weir::control::store
