// What a process of this machine has used.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::load {

struct ProcessUsage {
  // User and system time of all its threads.
  std::chrono::nanoseconds cpu{};
  std::uint64_t resident_bytes = 0;
};

// Nothing if there is no such process.
std::optional<ProcessUsage> usage_of(pid_t process);

}  // namespace weir::load
