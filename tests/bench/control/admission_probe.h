// A few AdmitSession calls beside a load, whose delay is the server's alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

struct ProbePlan {
  std::string server;
  std::chrono::duration<double> duration{5};
  // Each with a thread and a connection of its own, and one call at a time.
  int callers = 4;
  // Calls a second, of all callers.
  double rate = 200;
};

struct ProbeOutcome {
  // One a call, sorted.
  std::vector<double> latencies_ms;
  // Whether its threads had a processor as soon as they wanted one.
  bool real_time = false;
};

// Blocks until every call was answered; throws std::runtime_error when one was refused. A process
// of its own, because callers of one process share gRPC's threads. The calling thread becomes
// real-time where that is allowed, and those that gRPC starts with it.
ProbeOutcome probe_admissions(const ProbePlan& plan);

}  // namespace weir::bench
