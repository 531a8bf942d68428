#pragma once

#include <sys/types.h>

#include <chrono>

namespace weir::bench {

// What a process of this machine has used so far, all its threads. Throws std::runtime_error where
// there is none.
std::chrono::duration<double> cpu_time(pid_t process);

}  // namespace weir::bench
