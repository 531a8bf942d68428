// What a rule answers about the fleet: its record as it should be from now on, and whom to tell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/refusal.h"

namespace weir::control::domain {

// A process that serves nothing any more: its sessions are to be interrupted.
struct LostIncarnation {
  std::string instance_id;
  std::string incarnation;

  bool operator==(const LostIncarnation&) const = default;
};

// The same, at the end of a drain.
struct StoppedIncarnation {
  std::string instance_id;
  std::string incarnation;
  // By its deadline, not because nothing was left.
  bool at_deadline = false;

  bool operator==(const StoppedIncarnation&) const = default;
};

struct FleetDecision {
  // To commit when `changed`, with its events; then the sessions of what is lost and stopped.
  bool changed = false;
  // More than what instances report again and again.
  bool lasting = false;
  FleetRecord record;
  std::vector<InstanceEvent> events;
  std::vector<LostIncarnation> lost;
  std::vector<StoppedIncarnation> stopped;
  // Whose orders are new: a drain, its end, a cordon.
  std::vector<InstanceSnapshot> ordered;
};

// A rule that somebody waits for the answer of. A refusal changes nothing.
template <class Answer>
struct FleetRuling {
  Outcome<Answer> answer;
  FleetDecision decision = {};
};

// The fleet under change. Each instance that changes gets a copy of its own; lives as long as one
// decision.
class FleetChange {
 public:
  FleetChange(FleetRecord fleet, Now now) : now_(now) { decision_.record = std::move(fleet); }

  Now now() const { return now_; }
  const FleetRecord& record() const { return decision_.record; }
  FleetRecord& edit();
  std::vector<InstanceSnapshot>& instances() { return decision_.record.instances; }
  // Null when it is not known. Valid until one is added or removed.
  InstanceSnapshot* find(std::string_view instance_id);

  void replace(InstanceSnapshot& place, InstanceRecord record);
  // Only with another report.
  void refresh(InstanceSnapshot& place, InstanceRecord record);
  // A written transition, with its event.
  void become(InstanceSnapshot& place, InstanceState state);
  // Likewise, by the end of its drain.
  void stop(InstanceSnapshot& place, bool at_deadline);
  // A transition that was made by hand.
  void note(InstanceEventType type, const InstanceSnapshot& instance,
            std::optional<DrainEnd> drain_end = std::nullopt);
  // Nothing when it does not drain.
  std::optional<DrainEnd> end_of_drain(const InstanceRecord& instance, DrainOutcome outcome) const;
  void order(const InstanceSnapshot& instance) { decision_.ordered.push_back(instance); }
  void add(InstanceRecord record);
  // An older incarnation, with its place in the queue; it is no event.
  void remove(std::string_view instance_id);
  void forget_gone(Duration tombstone);

  FleetDecision finish() { return std::move(decision_); }

 private:
  FleetDecision decision_;
  const Now now_;
};

}  // namespace weir::control::domain
