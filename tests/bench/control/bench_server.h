// weir-control's services and an empty method, in a process of their own that is pinned to a core.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace weir::bench {

// Owned by the one who measures; the process ends with it. To be made before anything of gRPC is
// used in this process, as it forks.
class BenchServer {
 public:
  explicit BenchServer(int core);
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;
  ~BenchServer();

  int port() const { return port_; }
  // What the process has used so far, all threads.
  std::chrono::nanoseconds cpu_time() const;

 private:
  pid_t pid_ = 0;
  int port_ = 0;
};

// This thread, and those that it starts, run on one core from now on.
void pin_to_core(int core);

}  // namespace weir::bench
