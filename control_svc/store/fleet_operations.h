// What is asked of the fleet's record, whole: load, decide by the rules, commit, decide again when
// somebody else was quicker, and only then tell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/domain/shutdown_rules.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::store {

// Told after the commit that makes it true; any thread.
struct FleetSinks {
  // An incarnation is lost; its sessions are interrupted meanwhile.
  std::function<void(const domain::LostIncarnation&)> lost;
  // What an instance should do is another thing now.
  std::function<void(const domain::InstanceRecord&)> ordered;
};

// Owned by main, one a process; store and operations outlive it. Any thread; callbacks as those of
// SessionOperations.
class FleetOperations {
 public:
  // `listening_since`: from when on instances could have been heard.
  FleetOperations(RecordStore& store, SessionOperations& sessions, domain::FleetSettings settings,
                  SteadyTime listening_since, FleetSinks sinks);

  const domain::FleetSettings& settings() const { return settings_; }

  void load(Callback<domain::FleetSnapshot> done);
  // Whether this incarnation may attach, and how often it then reports; changes nothing.
  void greet(domain::InstanceHello hello, Callback<domain::ReportRhythm> done);
  // Answers the instance as it then is, whose orders it has to be told.
  void take_in(domain::InstanceHello hello, Now now, Callback<domain::InstanceSnapshot> done);
  // Once, before anything else: the process before this one may have ended between the loss of an
  // instance and the interrupts of its sessions.
  void finish_losses(Now now);
  // Called by a ticker with all that was heard, and when somebody has left.
  void watch(std::vector<domain::InstanceSighting> sightings, Now now, std::function<void()> done);

  void request_shutdown(domain::ShutdownRequest request, Now now,
                        Callback<domain::ShutdownAnswer> done);
  void cancel_drain(std::string instance_id, Now now, Callback<domain::InstanceSnapshot> done);
  void set_cordon(std::string instance_id, bool on, Now now,
                  Callback<domain::InstanceSnapshot> done);
  // Nothing: no freeze any more.
  void set_freeze(std::optional<domain::DrainFreeze> freeze, Now now,
                  Callback<std::optional<domain::DrainFreeze>> done);

 private:
  // `rule(fleet)` is a FleetRuling<Answer>.
  template <class Answer, class Rule>
  Operation decide(Rule rule, Now now, Callback<Answer> done);
  Operation search_and_watch(std::vector<domain::InstanceSighting> sightings, Now now,
                             std::function<void()> done);
  void carry_out(const domain::FleetDecision& decision, Now now);

  RecordStore& store_;
  SessionOperations& sessions_;
  const domain::FleetSettings settings_;
  const SteadyTime listening_since_;
  const FleetSinks sinks_;
};

}  // namespace weir::control::store
