// Many AdmitSession calls at once against one server.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

struct LoadPlan {
  std::string server;
  std::chrono::duration<double> duration{5};
  // Calls that wait for their answers at a time.
  int in_flight = 64;
  int channels = 4;
  // Calls a second, begun whether or not earlier ones were answered; 0: the next one begins when
  // one is answered.
  double rate = 0;
};

struct LoadOutcome {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::string first_failure;
  double seconds = 0;
  // One a call, sorted; at a given rate counted from when the call was due.
  std::vector<double> latencies_ms;
};

// Blocks until every call was answered.
LoadOutcome run_load(const LoadPlan& plan);

}  // namespace weir::bench
