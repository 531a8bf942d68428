// touch-load: how many sessions a second a server renews, one a call, many a call, or through an
// instance's Attach; printed as one line of JSON.
#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/control/channels.h"
#include "tests/bench/control/load_program.h"
#include "tests/bench/control/process_cpu.h"
#include "tests/bench/control/sessions.h"
#include "weir/v1/instance_service.grpc.pb.h"
#include "weir/v1/session_service.grpc.pb.h"

namespace weir::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
using weir::v1::InstanceService;
using weir::v1::SessionService;

constexpr const char* kInstance = "bench-instance";
constexpr const char* kIncarnation = "0123456789abcdef0123456789abcdef";

enum class Way { kUnary, kBatch, kAttach };

struct TouchPlan {
  std::string server;
  Way way = Way::kUnary;
  std::chrono::duration<double> duration{5};
  int sessions = 10'000;
  int batch = 1'000;
  // Of unary calls and batches.
  int in_flight = 64;
  int channels = 4;
  // To a server that reads and forgets: of made-up sessions.
  bool bare = false;
  // The server, whose CPU time is told.
  pid_t watch = 0;
};

struct TouchOutcome {
  std::uint64_t touched = 0;
  std::uint64_t failed = 0;
  std::chrono::duration<double> took{};
  std::chrono::duration<double> server_cpu{};
};

// `touch()` answers how many sessions it touched and how many it could not.
template <class Touch>
TouchOutcome measured(pid_t server, const Touch& touch) {
  const auto cpu_before = cpu_time(server);
  const auto start = SteadyClock::now();
  TouchOutcome outcome = touch();
  outcome.took = SteadyClock::now() - start;
  outcome.server_cpu = cpu_time(server) - cpu_before;
  return outcome;
}

// Calls of one kind under way at a time: each that is answered begins the next. `Call` has
// begin(done), where done hears how many sessions were touched and how many were not.
template <class Call>
TouchOutcome run_calls(std::vector<Call>& calls, std::chrono::duration<double> duration) {
  const auto end = SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(duration);
  std::atomic<std::uint64_t> touched{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::size_t> under_way{calls.size()};
  const std::function<void(Call&)> go_on = [&](Call& call) {
    call.begin([&, end](std::uint64_t renewed, std::uint64_t missed) {
      touched += renewed;
      failed += missed;
      if (SteadyClock::now() < end) return go_on(call);
      if (under_way.fetch_sub(1) == 1) under_way.notify_one();
    });
  };
  for (Call& call : calls) go_on(call);
  for (std::size_t left = under_way; left > 0; left = under_way) under_way.wait(left);
  return {.touched = touched, .failed = failed};
}

using TouchDone = std::function<void(std::uint64_t renewed, std::uint64_t missed)>;

// Touches its sessions in turns.
class UnaryTouch {
 public:
  UnaryTouch(SessionService::Stub& stub, std::vector<weir::v1::TouchSessionRequest> requests)
      : stub_(&stub), requests_(std::move(requests)) {}

  void begin(TouchDone done) {
    context_ = std::make_unique<grpc::ClientContext>();
    const auto& request = requests_[next_++ % requests_.size()];
    stub_->async()->TouchSession(context_.get(), &request, &response_,
                                 [done = std::move(done)](const grpc::Status& status) {
                                   done(status.ok() ? 1 : 0, status.ok() ? 0 : 1);
                                 });
  }

 private:
  SessionService::Stub* stub_;
  std::vector<weir::v1::TouchSessionRequest> requests_;
  std::size_t next_ = 0;
  std::unique_ptr<grpc::ClientContext> context_;
  weir::v1::TouchSessionResponse response_;
};

class BatchTouch {
 public:
  BatchTouch(SessionService::Stub& stub, weir::v1::BatchTouchSessionsRequest request)
      : stub_(&stub), request_(std::move(request)) {}

  void begin(TouchDone done) {
    context_ = std::make_unique<grpc::ClientContext>();
    stub_->async()->BatchTouchSessions(
        context_.get(), &request_, &response_,
        [this, done = std::move(done)](const grpc::Status& status) {
          const auto asked = static_cast<std::uint64_t>(request_.session_ids_size());
          const auto missed =
              status.ok() ? static_cast<std::uint64_t>(response_.failures_size()) : asked;
          done(asked - missed, missed);
        });
  }

 private:
  SessionService::Stub* stub_;
  weir::v1::BatchTouchSessionsRequest request_;
  std::unique_ptr<grpc::ClientContext> context_;
  weir::v1::BatchTouchSessionsResponse response_;
};

std::vector<AdmittedSession> made_up_sessions(int count) {
  std::vector<AdmittedSession> sessions;
  for (int number = 0; number < count; ++number) {
    // As long as a real id.
    const std::string digits = std::to_string(number);
    sessions.push_back({std::string(26 - digits.size(), '0') + digits, "user"});
  }
  return sessions;
}

TouchOutcome touch_one_by_one(const TouchPlan& plan) {
  std::vector<std::unique_ptr<SessionService::Stub>> stubs;
  for (const auto& channel : open_channels(plan.server, plan.channels)) {
    stubs.push_back(SessionService::NewStub(channel));
  }
  const auto sessions = admit_sessions(*stubs.front(), plan.sessions);
  const auto callers = static_cast<std::size_t>(plan.in_flight);
  std::vector<std::vector<weir::v1::TouchSessionRequest>> requests(callers);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    auto& request = requests[i % callers].emplace_back();
    request.set_session_id(sessions[i].session_id);
    request.set_user_id(sessions[i].user_id);
    request.set_stream_id(kStream);
  }
  std::vector<UnaryTouch> calls;
  for (std::size_t i = 0; i < callers; ++i) {
    calls.emplace_back(*stubs[i % stubs.size()], std::move(requests[i]));
  }
  return measured(plan.watch, [&] { return run_calls(calls, plan.duration); });
}

template <class Message, class AddId>
std::vector<Message> in_batches(const std::vector<AdmittedSession>& sessions, int batch,
                                AddId add_id) {
  std::vector<Message> messages;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (i % static_cast<std::size_t>(batch) == 0) messages.emplace_back();
    add_id(messages.back(), sessions[i].session_id);
  }
  return messages;
}

TouchOutcome touch_in_batches(const TouchPlan& plan) {
  std::vector<std::unique_ptr<SessionService::Stub>> stubs;
  for (const auto& channel : open_channels(plan.server, plan.channels)) {
    stubs.push_back(SessionService::NewStub(channel));
  }
  const auto requests = in_batches<weir::v1::BatchTouchSessionsRequest>(
      admit_sessions(*stubs.front(), plan.sessions), plan.batch,
      [](auto& request, const std::string& id) { request.add_session_ids(id); });
  std::vector<BatchTouch> calls;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    calls.emplace_back(*stubs[i % stubs.size()], requests[i]);
  }
  return measured(plan.watch, [&] { return run_calls(calls, plan.duration); });
}

// One instance's line; whatever comes down is read and dropped. Ended by `finish`.
class AttachLine {
 public:
  explicit AttachLine(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(InstanceService::NewStub(channel)), line_(stub_->Attach(&context_)) {
    weir::v1::AttachRequest message;
    message.mutable_hello()->set_instance_id(kInstance);
    message.mutable_hello()->set_incarnation(kIncarnation);
    write(message);
    message.mutable_held()->set_last(true);
    write(message);
    message.mutable_report()->set_ready(true);
    write(message);
  }

  void write(const weir::v1::AttachRequest& message) {
    if (!line_->Write(message)) throw std::runtime_error("the server closed the line");
  }

  void begin_reading() {
    reader_ = std::jthread([this] {
      weir::v1::AttachResponse response;
      while (line_->Read(&response)) {
      }
    });
  }

  // Waits until the server has read everything.
  void finish() {
    line_->WritesDone();
    reader_.join();
    (void)line_->Finish();
  }

 private:
  std::unique_ptr<InstanceService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<weir::v1::AttachRequest, weir::v1::AttachResponse>>
      line_;
  std::jthread reader_;
};

TouchOutcome touch_through_attach(const TouchPlan& plan) {
  const auto channels = open_channels(plan.server, 2);
  const auto stub = SessionService::NewStub(channels[0]);
  AttachLine line(channels[1]);
  line.begin_reading();
  const auto sessions = plan.bare ? made_up_sessions(plan.sessions)
                                  : admit_sessions(*stub, plan.sessions, {kInstance, kIncarnation});
  const auto messages = in_batches<weir::v1::AttachRequest>(
      sessions, plan.batch,
      [](auto& message, const std::string& id) { message.mutable_touches()->add_session_ids(id); });
  return measured(plan.watch, [&] {
    TouchOutcome outcome;
    const auto start = SteadyClock::now();
    for (std::size_t i = 0; SteadyClock::now() - start < plan.duration; ++i) {
      const auto& message = messages[i % messages.size()];
      line.write(message);
      outcome.touched += static_cast<std::uint64_t>(message.touches().session_ids_size());
    }
    line.finish();
    return outcome;
  });
}

TouchOutcome touch(const TouchPlan& plan) {
  switch (plan.way) {
    case Way::kUnary:
      return touch_one_by_one(plan);
    case Way::kBatch:
      return touch_in_batches(plan);
    case Way::kAttach:
      return touch_through_attach(plan);
  }
  return {};
}

nlohmann::json run(const TouchPlan& plan) {
  const TouchOutcome outcome = touch(plan);
  if (outcome.failed > 0) {
    throw std::runtime_error(std::to_string(outcome.failed) + " touches failed");
  }
  const auto touched = static_cast<double>(outcome.touched);
  return {{"touched", outcome.touched},
          {"touches_per_second", touched / outcome.took.count()},
          {"server_cpu_us", outcome.server_cpu.count() * 1e6 / touched}};
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using weir::bench::Way;
  weir::bench::TouchPlan plan;
  weir::bench::LoadProgram program("touch-load",
                                   "Renews sessions of weir.v1, which it admits first", plan.server,
                                   plan.duration);
  CLI::App& options = program.options();
  const std::map<std::string, Way> ways{
      {"unary", Way::kUnary}, {"batch", Way::kBatch}, {"attach", Way::kAttach}};
  options.add_option("--way", plan.way, "one a call, many a call, or an instance's stream")
      ->transform(CLI::CheckedTransformer(ways));
  options.add_option("--sessions", plan.sessions)->check(CLI::Range(1, 1'000'000));
  options.add_option("--batch", plan.batch, "sessions a message")->check(CLI::Range(1, 1'000));
  options.add_option("--in-flight", plan.in_flight, "calls at a time")
      ->check(CLI::Range(1, 10'000));
  options.add_flag("--bare", plan.bare, "to a server that knows no session");
  options.add_option("--watch", plan.watch, "the server's process, whose CPU time is told");
  return program.run(argc, argv, [&plan] { return weir::bench::run(plan); });
}
