#include "tests/bench/control/call_load.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Collects answers from gRPC's threads; outlives every call that it counts.
class Tally {
 public:
  void started() {
    const std::scoped_lock lock(mutex_);
    ++under_way_;
  }

  void answered(SteadyClock::time_point due, bool ok) {
    const std::scoped_lock lock(mutex_);
    ++result_.calls;
    if (!ok) ++result_.failures;
    result_.latencies.push_back(SteadyClock::now() - due);
    if (--under_way_ == 0) idle_.notify_all();
  }

  LoadResult finish(SteadyClock::time_point began) {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return under_way_ == 0; });
    result_.elapsed = SteadyClock::now() - began;
    return std::move(result_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  int under_way_ = 0;
  LoadResult result_;
};

// One of the calls under way: each answer starts the next until the time is over.
void chain(const StartCall& start, Tally& tally, std::atomic<std::uint64_t>& next_number,
           SteadyClock::time_point end) {
  const auto began = SteadyClock::now();
  tally.started();
  start(next_number.fetch_add(1), [&start, &tally, &next_number, began, end](bool ok) {
    if (SteadyClock::now() < end) chain(start, tally, next_number, end);
    tally.answered(began, ok);
  });
}

SteadyClock::duration as_steady(std::chrono::duration<double> duration) {
  return std::chrono::duration_cast<SteadyClock::duration>(duration);
}

}  // namespace

std::chrono::nanoseconds LoadResult::percentile(double share) {
  if (latencies.empty()) return {};
  const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies.size() - 1));
  std::ranges::nth_element(latencies, latencies.begin() + index);
  return latencies[static_cast<std::size_t>(index)];
}

LoadResult run_closed(const StartCall& start, int in_flight, std::chrono::duration<double> duration,
                      std::uint64_t first_number) {
  Tally tally;
  std::atomic<std::uint64_t> next_number = first_number;
  const auto began = SteadyClock::now();
  for (int i = 0; i < in_flight; ++i) {
    chain(start, tally, next_number, began + as_steady(duration));
  }
  return tally.finish(began);
}

LoadResult run_paced(const StartCall& start, double rate, std::chrono::duration<double> duration,
                     std::uint64_t first_number) {
  Tally tally;
  const auto began = SteadyClock::now();
  const auto total = static_cast<std::uint64_t>(rate * duration.count());
  for (std::uint64_t i = 0; i < total; ++i) {
    const auto due =
        began + as_steady(std::chrono::duration<double>(static_cast<double>(i) / rate));
    std::this_thread::sleep_until(due);
    tally.started();
    start(first_number + i, [&tally, due](bool ok) { tally.answered(due, ok); });
  }
  return tally.finish(began);
}

}  // namespace weir::bench
