#include "tests/bench/control/admission_probe.h"

#include <grpcpp/grpcpp.h>
#include <sched.h>

#include <algorithm>
#include <future>
#include <memory>
#include <thread>

#include "tests/bench/control/channels.h"
#include "tests/bench/control/sessions.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

bool become_real_time() {
  const sched_param lowest{.sched_priority = sched_get_priority_min(SCHED_FIFO)};
  return sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;
}

// Calls at its own times. A blocking call is carried by its own thread: nobody else is woken for
// the answer.
class ProbeCaller {
 public:
  ProbeCaller(const std::shared_ptr<grpc::Channel>& channel, int number)
      : stub_(weir::v1::SessionService::NewStub(channel)),
        user_("probe-" + std::to_string(number) + "-") {
    // Connects.
    admit(*stub_, user_ + "first");
  }

  // Begins a call every `interval`. One whose turn has passed, because the call before it took so
  // long, has waited since then.
  std::vector<double> run(SteadyClock::time_point start, SteadyClock::duration interval,
                          SteadyClock::time_point end) {
    std::vector<double> latencies_ms;
    for (auto due = start; due < end; due += interval) {
      const bool late = SteadyClock::now() > due;
      if (!late) std::this_thread::sleep_until(due);
      const auto since = late ? due : SteadyClock::now();
      admit(*stub_, user_ + std::to_string(latencies_ms.size()));
      latencies_ms.push_back(
          std::chrono::duration<double, std::milli>(SteadyClock::now() - since).count());
    }
    return latencies_ms;
  }

 private:
  const std::unique_ptr<weir::v1::SessionService::Stub> stub_;
  const std::string user_;
};

}  // namespace

ProbeOutcome probe_admissions(const ProbePlan& plan) {
  ProbeOutcome outcome;
  outcome.real_time = become_real_time();
  std::vector<std::unique_ptr<ProbeCaller>> callers;
  for (const auto& channel : open_channels(plan.server, plan.callers)) {
    callers.push_back(std::make_unique<ProbeCaller>(channel, static_cast<int>(callers.size())));
  }
  const auto ticks = [](double seconds) {
    return std::chrono::duration_cast<SteadyClock::duration>(
        std::chrono::duration<double>(seconds));
  };
  const auto start = SteadyClock::now();
  const auto end = start + ticks(plan.duration.count());
  std::vector<std::future<std::vector<double>>> running;
  for (const auto& caller : callers) {
    const auto first = start + ticks(static_cast<double>(running.size()) / plan.rate);
    running.push_back(std::async(std::launch::async, [&caller, &plan, &ticks, first, end] {
      return caller->run(first, ticks(plan.callers / plan.rate), end);
    }));
  }
  for (auto& each : running) {
    const std::vector<double> latencies = each.get();
    outcome.latencies_ms.insert(outcome.latencies_ms.end(), latencies.begin(), latencies.end());
  }
  std::ranges::sort(outcome.latencies_ms);
  return outcome;
}

}  // namespace weir::bench
