// What a run found, for people and for programs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/load/meter.h"
#include "tests/load/process_usage.h"

namespace weir::load {

struct WatchedProcess {
  pid_t process = 0;
  // Within the step.
  std::chrono::nanoseconds cpu{};
  // At its end.
  std::uint64_t resident_bytes = 0;
};

struct StepReport {
  std::uint64_t publishers = 0;
  std::uint64_t players = 0;
  std::chrono::nanoseconds duration{};
  Window window;
  std::chrono::nanoseconds own_cpu{};
  std::vector<WatchedProcess> watched;
};

struct Report {
  std::string target;
  std::vector<StepReport> steps;
  // Connections that were neither started nor refused in time.
  std::uint64_t unanswered = 0;
  Meter meter;

  // Everything that was asked for started, and nothing was lost.
  bool is_clean() const;
};

std::string to_text(const Report& report);
// Documented in docs/load.md.
std::string to_json(const Report& report);

}  // namespace weir::load
