#include "tests/load/process_usage.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

namespace weir::load {

std::optional<ProcessUsage> usage_of(pid_t process) {
  // The scheduler's own count, finer than the ticks of /proc/<pid>/stat.
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  ProcessUsage usage;
  usage.cpu = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);

  // Pages: size, resident, … (proc(5)).
  std::ifstream pages("/proc/" + std::to_string(process) + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!(pages >> size >> resident)) return std::nullopt;
  usage.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return usage;
}

}  // namespace weir::load
