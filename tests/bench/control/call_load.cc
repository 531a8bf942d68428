#include "tests/bench/control/call_load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/bench/control/channels.h"
#include "tests/bench/control/sessions.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Stub = weir::v1::SessionService::Stub;

// One call at a time, again and again. gRPC calls back on its threads, but never two at once for
// one caller.
struct Caller {
  Stub* stub = nullptr;
  std::optional<grpc::ClientContext> context;
  weir::v1::AdmitSessionRequest request;
  weir::v1::AdmitSessionResponse response;
  SteadyClock::time_point due;
  std::vector<double> latencies_ms;
  std::uint64_t failed = 0;
  std::string first_failure;
};

class Load {
 public:
  explicit Load(const LoadPlan& plan) : plan_(plan), callers_(plan.in_flight) {
    for (const auto& channel : open_channels(plan.server, plan.channels)) {
      stubs_.push_back(weir::v1::SessionService::NewStub(channel));
    }
    for (std::size_t i = 0; i < callers_.size(); ++i) {
      callers_[i].stub = stubs_[i % stubs_.size()].get();
      idle_.push_back(&callers_[i]);
    }
  }

  LoadOutcome run() {
    const auto start = SteadyClock::now();
    end_ = start + std::chrono::duration_cast<SteadyClock::duration>(plan_.duration);
    if (plan_.rate > 0) {
      begin_at_rate(start);
    } else {
      idle_.clear();
      for (Caller& caller : callers_) begin(caller, SteadyClock::now());
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return idle_.size() == callers_.size(); });
    return outcome(std::chrono::duration<double>(SteadyClock::now() - start).count());
  }

 private:
  // Calls are due by the millisecond: waking up for each would take most of the load's core.
  void begin_at_rate(SteadyClock::time_point start) {
    const std::chrono::duration<double> interval(1.0 / plan_.rate);
    for (std::uint64_t n = 0;; ++n) {
      const auto due =
          start + std::chrono::ceil<std::chrono::milliseconds>(interval * static_cast<double>(n));
      if (due >= end_) return;
      std::this_thread::sleep_until(due);
      begin(*take_idle(), due);
    }
  }

  Caller* take_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !idle_.empty(); });
    Caller* caller = idle_.back();
    idle_.pop_back();
    return caller;
  }

  void begin(Caller& caller, SteadyClock::time_point due) {
    caller.due = due;
    caller.context.emplace();
    fill(caller.request);
    caller.stub->async()->AdmitSession(
        &*caller.context, &caller.request, &caller.response,
        [this, &caller](const grpc::Status& status) { answered(caller, status); });
  }

  // Each call is another user's, so that every one is admitted.
  void fill(weir::v1::AdmitSessionRequest& request) {
    const std::uint64_t number = next_user_.fetch_add(1, std::memory_order_relaxed);
    request.set_user_id("user-" + std::to_string(number));
    request.set_stream_id(kStream);
    request.set_kind(weir::v1::SESSION_KIND_PLAY);
  }

  void answered(Caller& caller, const grpc::Status& status) {
    const auto now = SteadyClock::now();
    caller.latencies_ms.push_back(
        std::chrono::duration<double, std::milli>(now - caller.due).count());
    if (!status.ok() && caller.failed++ == 0) caller.first_failure = status.error_message();
    if (plan_.rate == 0 && now < end_) {
      begin(caller, now);
      return;
    }
    const std::scoped_lock lock(mutex_);
    idle_.push_back(&caller);
    changed_.notify_one();
  }

  LoadOutcome outcome(double seconds) {
    LoadOutcome outcome;
    outcome.seconds = seconds;
    for (const Caller& caller : callers_) {
      outcome.latencies_ms.insert(outcome.latencies_ms.end(), caller.latencies_ms.begin(),
                                  caller.latencies_ms.end());
      outcome.failed += caller.failed;
      if (outcome.first_failure.empty()) outcome.first_failure = caller.first_failure;
    }
    std::ranges::sort(outcome.latencies_ms);
    outcome.answered = outcome.latencies_ms.size() - outcome.failed;
    return outcome;
  }

  const LoadPlan& plan_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::vector<Caller> callers_;
  SteadyClock::time_point end_;
  std::atomic<std::uint64_t> next_user_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Caller*> idle_;
};

}  // namespace

LoadOutcome run_load(const LoadPlan& plan) { return Load(plan).run(); }

}  // namespace weir::bench
