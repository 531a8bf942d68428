// The line that says how a run is going.
#pragma once

#include <cstdint>

#include "tests/load/meter.h"
#include "tests/load/stamp.h"

namespace weir::load {

// How many there are at a moment.
struct Headcount {
  std::uint64_t publishers = 0;
  std::uint64_t players = 0;
  std::uint64_t others = 0;
};

// Writes to stderr: over itself on a terminal, else a line each time. Called by the run, once a
// second.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();

  void show(Time now, const Headcount& heads, const Meter& meter);

 private:
  bool terminal_;
  bool shown_ = false;
  Time began_;
  Time last_;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
};

}  // namespace weir::load
