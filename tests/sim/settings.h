// What a simulated world consists of and what goes wrong in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"

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
};

struct WorldSettings {
  std::uint64_t seed = 1;
  int users = 500;
  int instances = 50;
  int streams = 300;
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
};

}  // namespace weir::sim
