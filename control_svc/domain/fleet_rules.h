// The life of a media instance as control sees it, up to its shutdown:
//
//   state                 input                          becomes
//   –                     Hello and all its sessions     STARTING
//   STARTING              reports ready                  ACTIVE
//   STARTING to DRAINING  kMissedReports missed          UNREACHABLE
//   UNREACHABLE           heard again                    what it was before
//   UNREACHABLE           lease over                     LOST: its sessions are interrupted
//   LOST                  Hello, same incarnation        what it was before
//   any                   Hello of a new incarnation     the old one is LOST, the new one STARTING
//   LOST                  tombstone over                 –
//
// Pure functions over the fleet's record. What is heard of an attached instance every few seconds
// is no record: whoever listens keeps it and hands it to `watch`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_settings.h"
#include "control_svc/domain/refusal.h"

namespace weir::control::domain {

struct InstanceHello {
  std::string instance_id;
  std::string incarnation;
  std::string version;
  Route route;
};

// What an attached instance last said, and when.
struct InstanceSighting {
  std::string instance_id;
  std::string incarnation;
  SteadyTime heard{};
  bool ready = false;
  Load load;
};

// A process that serves nothing any more: its sessions are to be interrupted.
struct LostIncarnation {
  std::string instance_id;
  std::string incarnation;

  bool operator==(const LostIncarnation&) const = default;
};

struct FleetDecision {
  // To commit when `changed`, with its events; then the sessions of what is lost.
  bool changed = false;
  FleetRecord record;
  std::vector<InstanceEvent> events;
  std::vector<LostIncarnation> lost;
};

// An incarnation that a newer one has replaced is refused.
std::optional<Refusal> refuse_hello(const FleetRecord& fleet, const InstanceHello& hello);
// The instance has said everything that it holds.
FleetDecision take_in(FleetRecord fleet, const InstanceHello& hello, WallTime now);
// Called every so often. An instance that was not heard since `listening_since` is silent since
// then.
FleetDecision watch(FleetRecord fleet, std::span<const InstanceSighting> sightings,
                    SteadyTime listening_since, const FleetSettings& settings, Now now);

}  // namespace weir::control::domain
