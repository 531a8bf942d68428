// What a simulated world consists of and what goes wrong in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "control_svc/domain/fleet_settings.h"
#include "tests/sim/names.h"

namespace weir::sim {

// Mistakes put in on purpose, to see that they are found.
enum class PlantedFault : std::uint8_t {
  kNone,
  // The store takes every commit, whatever was committed in between.
  kLostUpdate,
  // What is due is ended a second too soon.
  kEarlyExpiry,
  // An answer is given before the journal has it.
  kAnswerBeforeCommit,
  // An instance is given up ten seconds too soon.
  kEarlyLoss,
  // Whoever asks to shut down may, however many do already.
  kGrantsToAll,
};

struct WorldSettings {
  std::uint64_t seed = 1;
  int users = 500;
  int instances = 50;
  int streams = 300;
  std::uint64_t steps_between_full_checks = 10'000;
  PlantedFault planted = PlantedFault::kNone;

  // Of a message.
  Duration delay_min{1};
  Duration delay_max{120};
  double loss = 0.01;
  double doubled = 0.01;
  // Mean times between mishaps, of the whole world.
  Duration control_crash{120'000};
  Duration instance_crash{20'000};
  Duration partition{45'000};
  Duration wall_jump{60'000};
  // An orchestrator ends a process; an operator drains, takes back, freezes.
  Duration sigterm{30'000};
  // Of an instance that feels unhealthy for a while.
  Duration illness{60'000};
  Duration operation{15'000};
};

// Drains that fit between two mishaps.
inline domain::FleetSettings fleet_rules() {
  domain::FleetSettings rules;
  rules.shutdown.grace = Duration{5'000};
  rules.shutdown.migrate_after = Duration{15'000};
  rules.shutdown.deadline = Duration{60'000};
  rules.shutdown.retry_after = Duration{5'000};
  return rules;
}

}  // namespace weir::sim
