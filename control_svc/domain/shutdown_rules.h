// The negotiation of shutdowns, as decisions on the fleet's record:
//
//   cause                           answer
//   SIGTERM, PREEMPTION             always granted; during a drain it may only shorten it
//   any, draining already           the grant that stands
//   LIFETIME, OPERATOR, UNHEALTHY   granted unless drains are frozen or `objection` has one; else
//                                   denied, and queued
//
// A grant is a commit on the record, so that two deciders cannot both grant. How a drain goes on
// is the business of `watch` (fleet_rules.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/clock.h"
#include "control_svc/domain/fleet_change.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_settings.h"
#include "control_svc/domain/shutdown_policy.h"

namespace weir::control::domain {

struct ShutdownRequest {
  std::string instance_id;
  // Empty when an operator asks.
  std::string incarnation;
  ShutdownCause cause{};
  // Until the process is killed.
  std::optional<Duration> time_left = {};
  std::optional<Load> load = {};
  DrainWish wish = {};
  // Past share, min_ready and capacity; not past a freeze.
  bool force = false;
  std::string message = {};
};

struct ShutdownDenial {
  DenialReason reason{};
  Duration retry_after{0};
  // From 1.
  int queue_position = 0;

  bool operator==(const ShutdownDenial&) const = default;
};

using ShutdownAnswer = std::variant<Drain, ShutdownDenial>;

FleetRuling<ShutdownAnswer> decide_shutdown(FleetRecord fleet, const ShutdownRequest& request,
                                            const ShutdownSettings& settings, Now now);

// Takes a drain back, unless it is urgent.
FleetRuling<InstanceSnapshot> cancel_drain(FleetRecord fleet, std::string_view instance_id,
                                           Now now);
// Keeps new streams away, also from later incarnations.
FleetRuling<InstanceSnapshot> set_cordon(FleetRecord fleet, std::string_view instance_id, bool on,
                                         Now now);
// Nothing: drains are no longer frozen.
FleetRuling<std::optional<DrainFreeze>> set_freeze(FleetRecord fleet,
                                                   std::optional<DrainFreeze> freeze, Now now);

// Instances whose shutdown has been denied for too long.
std::size_t count_starved(const FleetRecord& fleet, const ShutdownSettings& settings,
                          SteadyTime now);

}  // namespace weir::control::domain
