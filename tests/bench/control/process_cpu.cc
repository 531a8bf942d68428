#include "tests/bench/control/process_cpu.h"

#include <ctime>
#include <stdexcept>

namespace weir::bench {

std::chrono::duration<double> cpu_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("no such process");
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace weir::bench
