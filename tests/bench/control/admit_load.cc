// admit-load: how fast a server answers AdmitSession, printed as one line of JSON.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/bench/control/call_load.h"
#include "tests/bench/control/percentiles.h"

int main(int argc, char** argv) {
  weir::bench::LoadPlan plan;
  double seconds = 5;
  CLI::App app("Calls weir.v1.SessionService/AdmitSession, each time for another user");
  app.add_option("server", plan.server, "host:port")->required();
  app.add_option("--seconds", seconds, "how long calls are begun")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--in-flight", plan.in_flight, "calls at a time")->check(CLI::Range(1, 100000));
  app.add_option("--channels", plan.channels, "connections")->check(CLI::Range(1, 1000));
  app.add_option("--rate", plan.rate, "calls a second; 0: as fast as they are answered")
      ->check(CLI::NonNegativeNumber);
  CLI11_PARSE(app, argc, argv);
  plan.duration = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));

  const weir::bench::LoadOutcome outcome = weir::bench::run_load(plan);
  nlohmann::json line = {
      {"answered", outcome.answered},
      {"failed", outcome.failed},
      {"seconds", outcome.seconds},
      {"calls_per_second", static_cast<double>(outcome.answered) / outcome.seconds},
      {"p50_ms", weir::bench::percentile(outcome.latencies_ms, 0.50)},
      {"p99_ms", weir::bench::percentile(outcome.latencies_ms, 0.99)},
  };
  if (outcome.failed > 0) line["first_failure"] = outcome.first_failure;
  std::cout << line.dump() << '\n';
  return outcome.failed == 0 ? 0 : 1;
}
