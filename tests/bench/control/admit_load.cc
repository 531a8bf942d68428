// admit-load: how fast a server answers AdmitSession, printed as one line of JSON.
#include <stdexcept>
#include <string>

#include "tests/bench/control/call_load.h"
#include "tests/bench/control/load_program.h"
#include "tests/bench/control/percentiles.h"

namespace weir::bench {
namespace {

nlohmann::json run(const LoadPlan& plan) {
  const LoadOutcome outcome = run_load(plan);
  if (outcome.failed > 0) {
    throw std::runtime_error(std::to_string(outcome.failed) +
                             " calls failed, the first: " + outcome.first_failure);
  }
  return {{"answered", outcome.answered},
          {"seconds", outcome.seconds},
          {"calls_per_second", static_cast<double>(outcome.answered) / outcome.seconds},
          {"p50_ms", percentile(outcome.latencies_ms, 0.50)},
          {"p99_ms", percentile(outcome.latencies_ms, 0.99)}};
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::LoadPlan plan;
  weir::bench::LoadProgram program("admit-load",
                                   "Calls weir.v1.SessionService/AdmitSession, each time for "
                                   "another user",
                                   plan.server, plan.duration);
  CLI::App& options = program.options();
  options.add_option("--in-flight", plan.in_flight, "calls at a time")
      ->check(CLI::Range(1, 100000));
  options.add_option("--channels", plan.channels, "connections")->check(CLI::Range(1, 1000));
  options.add_option("--rate", plan.rate, "calls a second; 0: as fast as they are answered")
      ->check(CLI::NonNegativeNumber);
  return program.run(argc, argv, [&plan] { return weir::bench::run(plan); });
}
