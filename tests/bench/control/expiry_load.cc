// expiry-load: how long after its deadline a watcher hears that a session ended; printed as one
// line of JSON. It admits sessions at a rate, leaves them alone and watches the events.
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/control/channels.h"
#include "tests/bench/control/load_program.h"
#include "tests/bench/control/percentiles.h"
#include "tests/bench/control/sessions.h"
#include "weir/v1/event_service.grpc.pb.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using weir::v1::EventService;
using weir::v1::SessionService;

struct ExpiryPlan {
  std::string server;
  double rate = 2'000;
  std::chrono::duration<double> duration{5};

  int sessions() const { return static_cast<int>(rate * duration.count()); }
};

// Calls under way; made before the first of them and gone after the last.
class Admissions {
 public:
  explicit Admissions(SessionService::Stub& stub) : stub_(stub) {}
  ~Admissions() {
    for (int left = under_way_; left > 0; left = under_way_) under_way_.wait(left);
  }

  void begin(int number) {
    struct Call {
      grpc::ClientContext context;
      weir::v1::AdmitSessionRequest request;
      weir::v1::AdmitSessionResponse response;
    };
    auto call = std::make_shared<Call>();
    call->request.set_user_id("user-" + std::to_string(number));
    call->request.set_stream_id(kStream);
    call->request.set_kind(weir::v1::SESSION_KIND_PLAY);
    ++under_way_;
    stub_.async()->AdmitSession(&call->context, &call->request, &call->response,
                                [this, call](const grpc::Status& status) {
                                  if (status.ok()) ++admitted_;
                                  if (under_way_.fetch_sub(1) == 1) under_way_.notify_one();
                                });
  }

 private:
  SessionService::Stub& stub_;
  std::atomic<int> under_way_{0};
  std::atomic<int> admitted_{0};
};

void admit_at_rate(Admissions& admissions, const ExpiryPlan& plan) {
  const auto start = SteadyClock::now();
  for (int number = 0; number < plan.sessions(); ++number) {
    const std::chrono::duration<double> due(number / plan.rate);
    std::this_thread::sleep_until(start + std::chrono::duration_cast<SteadyClock::duration>(due));
    admissions.begin(number);
  }
}

double milliseconds_late(const weir::v1::Session& session) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ended = std::chrono::nanoseconds(
      google::protobuf::util::TimeUtil::TimestampToNanoseconds(session.end_time()));
  return std::chrono::duration<double, std::milli>(now - ended).count();
}

// What a watcher heard of each session's end, sorted.
std::vector<double> delays(const ExpiryPlan& plan) {
  const auto channels = open_channels(plan.server, 2);
  const auto events = EventService::NewStub(channels[0]);
  const auto sessions = SessionService::NewStub(channels[1]);
  grpc::ClientContext context;
  weir::v1::WatchEventsRequest request;
  request.add_types("weir.session.expired");
  const auto watch = events->WatchEvents(&context, request);
  watch->WaitForInitialMetadata();

  Admissions admissions(*sessions);
  std::jthread admitting([&] { admit_at_rate(admissions, plan); });
  const auto expected = static_cast<std::size_t>(plan.sessions());
  std::vector<double> late;
  weir::v1::WatchEventsResponse response;
  while (late.size() < expected && watch->Read(&response)) {
    late.push_back(milliseconds_late(response.event().session()));
  }
  context.TryCancel();
  admitting.join();
  if (late.size() < expected) throw std::runtime_error("the watch ended before its last event");
  std::ranges::sort(late);
  return late;
}

nlohmann::json run(const ExpiryPlan& plan) {
  const std::vector<double> late = delays(plan);
  if (late.front() < 0) throw std::runtime_error("a session's end was told before its time");
  return {{"ended", late.size()},
          {"earliest_ms", late.front()},
          {"p50_ms", percentile(late, 0.50)},
          {"p99_ms", percentile(late, 0.99)},
          {"max_ms", late.back()}};
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::ExpiryPlan plan;
  weir::bench::LoadProgram program(
      "expiry-load", "Admits sessions, leaves them alone, and sees how late their ends are told",
      plan.server, plan.duration);
  program.options()
      .add_option("--rate", plan.rate, "sessions a second")
      ->check(CLI::PositiveNumber);
  return program.run(argc, argv, [&plan] { return weir::bench::run(plan); });
}
