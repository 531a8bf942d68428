// admit-probe: how long AdmitSession takes while others load the server, printed as one line of
// JSON.
#include "tests/bench/control/admission_probe.h"
#include "tests/bench/control/load_program.h"
#include "tests/bench/control/percentiles.h"

namespace weir::bench {
namespace {

nlohmann::json run(const ProbePlan& plan) {
  const ProbeOutcome outcome = probe_admissions(plan);
  return {{"answered", outcome.latencies_ms.size()},
          {"real_time", outcome.real_time},
          {"p50_ms", percentile(outcome.latencies_ms, 0.50)},
          {"p99_ms", percentile(outcome.latencies_ms, 0.99)}};
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::ProbePlan plan;
  weir::bench::LoadProgram program("admit-probe",
                                   "Calls weir.v1.SessionService/AdmitSession now and then, each "
                                   "time for another user",
                                   plan.server, plan.duration);
  CLI::App& options = program.options();
  options.add_option("--callers", plan.callers, "each with a connection of its own")
      ->check(CLI::Range(1, 1000));
  options.add_option("--rate", plan.rate, "calls a second")->check(CLI::PositiveNumber);
  return program.run(argc, argv, [&plan] { return weir::bench::run(plan); });
}
