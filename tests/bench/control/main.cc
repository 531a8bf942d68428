// control_bench: AdmitSession and touches against an empty method of the same server, the server on
// one core and the load on another. Prints one JSON object; progress goes to stderr.
#include <fmt/format.h>
#include <weir/v1/session_service.grpc.pb.h>
#include <weir/v1/stream_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/control/bench_server.h"
#include "tests/bench/control/call_load.h"

namespace weir::bench {
namespace {

using weir::v1::SessionService;
using weir::v1::StreamService;

constexpr int kServerCore = 0;
constexpr int kLoadCore = 1;
constexpr int kInFlight = 64;
constexpr int kRounds = 5;
constexpr std::chrono::duration<double> kRound{2.0};

// One call and all that it needs until it was answered.
template <class Request, class Response>
struct Call {
  grpc::ClientContext context;
  Request request;
  Response response;
};

StartCall empty_calls(StreamService::Stub& stub) {
  return [&stub](std::uint64_t, Done done) {
    auto call =
        std::make_shared<Call<weir::v1::PickInstanceRequest, weir::v1::PickInstanceResponse>>();
    stub.async()->PickInstance(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done)](const grpc::Status& status) { done(status.ok()); });
  };
}

// Each of a user of its own, so that none is refused.
StartCall admissions(SessionService::Stub& stub) {
  return [&stub](std::uint64_t number, Done done) {
    auto call =
        std::make_shared<Call<weir::v1::AdmitSessionRequest, weir::v1::AdmitSessionResponse>>();
    call->request.set_user_id(fmt::format("user-{:010}", number));
    call->request.set_stream_id("live/bench");
    call->request.set_kind(weir::v1::SESSION_KIND_PLAY);
    stub.async()->AdmitSession(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done)](const grpc::Status& status) { done(status.ok()); });
  };
}

struct Measured {
  double rate = 0;
  // What the server spent on a call.
  double cpu_micros = 0;
};

Measured measure(const BenchServer& server, const StartCall& start, std::uint64_t first_number) {
  const auto cpu_before = server.cpu_time();
  const LoadResult result = run_closed(start, kInFlight, kRound, first_number);
  if (result.failures > 0) {
    throw std::runtime_error(fmt::format("{} calls failed", result.failures));
  }
  const std::chrono::duration<double, std::micro> cpu = server.cpu_time() - cpu_before;
  return {.rate = result.rate(), .cpu_micros = cpu.count() / static_cast<double>(result.calls)};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void run() {
  const BenchServer server(kServerCore);
  pin_to_core(kLoadCore);
  const auto channel = grpc::CreateChannel(fmt::format("127.0.0.1:{}", server.port()),
                                           grpc::InsecureChannelCredentials());
  const auto streams = StreamService::NewStub(channel);
  const auto sessions = SessionService::NewStub(channel);
  const StartCall empty = empty_calls(*streams);
  const StartCall admit = admissions(*sessions);

  std::uint64_t number = 0;
  // The rounds alternate, so that what else the machine does hits both.
  std::vector<double> empty_rates, empty_cpu, admit_rates, admit_cpu;
  for (int round = 0; round < kRounds; ++round) {
    const Measured bare = measure(server, empty, 0);
    const Measured admitted = measure(server, admit, number += 10'000'000);
    std::fputs(
        fmt::format("round {}: empty {:.0f}/s {:.1f} us, AdmitSession {:.0f}/s {:.1f} us\n",
                    round + 1, bare.rate, bare.cpu_micros, admitted.rate, admitted.cpu_micros)
            .c_str(),
        stderr);
    empty_rates.push_back(bare.rate);
    empty_cpu.push_back(bare.cpu_micros);
    admit_rates.push_back(admitted.rate);
    admit_cpu.push_back(admitted.cpu_micros);
  }
  LoadResult half = run_paced(admit, median(admit_rates) / 2, kRound, number + 10'000'000);
  const auto micros = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::micro>(time).count();
  };
  fmt::print(
      "{{\"empty_per_second\": {:.0f}, \"admit_per_second\": {:.0f}, \"rate_ratio\": {:.3f}, "
      "\"empty_server_cpu_us\": {:.2f}, \"admit_server_cpu_us\": {:.2f}, \"cpu_ratio\": {:.3f}, "
      "\"half_load_p50_us\": {:.0f}, \"half_load_p99_us\": {:.0f}}}\n",
      median(empty_rates), median(admit_rates), median(admit_rates) / median(empty_rates),
      median(empty_cpu), median(admit_cpu), median(empty_cpu) / median(admit_cpu),
      micros(half.percentile(0.5)), micros(half.percentile(0.99)));
}

}  // namespace
}  // namespace weir::bench

int main() {
  try {
    weir::bench::run();
    return EXIT_SUCCESS;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "control_bench: {}\n", failure.what());
    return EXIT_FAILURE;
  }
}
