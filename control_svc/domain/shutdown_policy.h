// Whether the fleet can spare an instance, and how its drain would go. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/fleet_settings.h"

namespace weir::control::domain {

// As in the public contract.
enum class DenialReason : std::uint8_t {
  kTooManyDraining = 1,
  kMinReady,
  kNoCapacityElsewhere,
  kFrozen,
};

// What an operator wishes; unset: the policy.
struct DrainWish {
  std::optional<Duration> grace = {};
  std::optional<Duration> migrate_after = {};
  std::optional<Duration> deadline = {};
};

bool frozen(const FleetRecord& fleet, SteadyTime now);

// What speaks against the shutdown of an instance by choice:
//
//   more than the allowed share of the fleet would drain     kTooManyDraining
//   fewer than min_ready would be left                       kMinReady
//   what is left could not carry today's streams, and more   kNoCapacityElsewhere
//
// Whoever is `ahead` in the queue counts as if it drained already, so that nobody overtakes.
// Cordoned instances are neither ready nor capacity; those that are gone do not count at all.
std::optional<DenialReason> objection(const FleetRecord& fleet, std::string_view instance_id,
                                      std::span<const std::string_view> ahead,
                                      const ShutdownSettings& settings);

// The times of a drain by choice, from now. Nothing in it is later than its deadline.
Drain plan_by_choice(const DrainWish& wish, const ShutdownSettings& settings, SteadyTime now);
// Of one whose process is killed after `time_left`, where that is known: it ends before, and moving
// begins with the end of the grace.
Drain plan_urgent(std::optional<Duration> time_left, const ShutdownSettings& settings,
                  SteadyTime now);

}  // namespace weir::control::domain
