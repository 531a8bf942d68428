// Unary calls as fast as they are answered, or at a given rate.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace weir::bench {

// One kind of call: `start(number, done)` begins the call of that number and tells whether it
// went as expected.
using Done = std::function<void(bool ok)>;
using StartCall = std::function<void(std::uint64_t number, Done done)>;

struct LoadResult {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::chrono::duration<double> elapsed{};
  // Of each call, in no order.
  std::vector<std::chrono::nanoseconds> latencies;

  double rate() const { return static_cast<double>(calls) / elapsed.count(); }
  std::chrono::nanoseconds percentile(double share);
};

// Keeps `in_flight` calls under way for `duration`, then waits for those that are left. Numbers
// start at `first_number`.
LoadResult run_closed(const StartCall& start, int in_flight, std::chrono::duration<double> duration,
                      std::uint64_t first_number);

// Starts calls at `rate` a second whether or not earlier ones were answered; a latency counts from
// the moment that the call was due.
LoadResult run_paced(const StartCall& start, double rate, std::chrono::duration<double> duration,
                     std::uint64_t first_number);

}  // namespace weir::bench
