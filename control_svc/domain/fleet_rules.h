// The life of a media instance as control sees it:
//
//   state                 input                          becomes
//   –                     Hello and all its sessions     STARTING
//   STARTING              reports ready                  ACTIVE
//   STARTING to DRAINING  too many reports missed        UNREACHABLE
//   UNREACHABLE           heard again                    what it was before
//   UNREACHABLE           lease over                     LOST: its sessions are interrupted
//   LOST                  Hello, same incarnation        what it was before
//   any                   Hello of a new incarnation     the old one is LOST, the new one STARTING
//   STARTING, ACTIVE      shutdown granted               GRACE (shutdown_rules.h)
//   GRACE                 over                           DRAINING
//   DRAINING              nothing left                   STOPPED
//   GRACE, DRAINING       has reported and left          STOPPED
//   GRACE to UNREACHABLE  the drain's deadline           STOPPED: its sessions are interrupted
//   GRACE, DRAINING       drain taken back               ACTIVE (shutdown_rules.h)
//   LOST, STOPPED         tombstone over                 –
//
// An UNREACHABLE instance's drain goes on unseen: only its deadline shows. Pure functions over the
// fleet's record. What is heard of an attached instance every few seconds is no record: whoever
// listens keeps it and hands it to `watch`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "common/clock.h"
#include "control_svc/domain/fleet_change.h"
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
  // How often it was told to report; 0: not known.
  Duration report_interval{0};
  // The drain that it carries out, and what is left of it.
  std::int64_t drain_generation = 0;
  std::int32_t remaining_publishers = 0;
  std::int32_t remaining_players = 0;
  // It has said all and ended its line.
  bool left = false;

  // By its own account.
  bool nothing_left(const Drain& drain) const {
    return drain_generation == drain.generation && remaining_publishers == 0 &&
           remaining_players == 0;
  }
};

struct FleetObservation {
  std::span<const InstanceSighting> sightings = {};
  // An instance that was not heard since then is silent since then.
  SteadyTime listening_since{};
  // Those (see holder_digest) that hold no live, uninterrupted session.
  std::span<const std::uint32_t> emptied = {};
};

// An incarnation that a newer one has replaced is refused.
std::optional<Refusal> refuse_hello(const FleetRecord& fleet, const InstanceHello& hello);
// The instance has said everything that it holds.
FleetRuling<InstanceSnapshot> take_in(FleetRecord fleet, const InstanceHello& hello, Now now);
// Called every so often.
FleetDecision watch(FleetRecord fleet, const FleetObservation& seen, const FleetSettings& settings,
                    Now now);

}  // namespace weir::control::domain
