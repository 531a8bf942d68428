// What one run of weir-sim is asked to do.
#pragma once

#include <cstdint>
#include <variant>

#include "tests/sim/settings.h"

namespace weir::sim {

struct Options {
  WorldSettings world;
  // In real time; not asked where there are steps.
  int seconds = 60;
  std::uint64_t steps = 0;
};

// The options, or the exit code of a program that is to end here: 0 after --help, 2 after a
// mistake, which is told.
std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace weir::sim
