// weir-sim: runs the rules of control in virtual time, with everything going wrong, and checks that
// the invariants of sessions hold. Prints how to see a failure again.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <variant>

#include "tests/sim/options.h"
#include "tests/sim/simulation.h"

namespace weir::sim {
namespace {

using RealClock = std::chrono::steady_clock;

void progress(Simulation& simulation, bool last) {
  const World& world = simulation.world();
  const double hours =
      std::chrono::duration<double, std::ratio<3600>>(simulation.virtual_time()).count();
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  if (!on_terminal && !last) return;
  fmt::print(
      "{}{} steps, {:.1f} virtual hours, {} sessions live of {} made, {} events, {} instances "
      "lost, {} drains begun, {} denied, {} taken back, {} moves, {} restarts of control{}",
      on_terminal ? "\r" : "", simulation.steps(), hours, world.oracle().live_sessions(),
      world.oracle().sessions_seen(), world.oracle().events_seen(), world.oracle().instances_lost(),
      world.oracle().drains_begun(), world.oracle().drains_denied(),
      world.oracle().drains_cancelled(), world.oracle().moves_ordered(), world.control_restarts(),
      last ? "\n" : "");
  std::fflush(stdout);
}

void tell_smallest(const WorldSettings& failing, std::uint64_t steps) {
  fmt::print("looking for a smaller world that fails too\n");
  std::fflush(stdout);
  const WorldSettings smallest = shrink(failing, steps);
  Simulation again(smallest);
  while (again.step()) {
  }
  fmt::print(
      "{}see it again: weir-sim --seed {} --users {} --instances {} --streams {} --steps {}\n",
      again.failure(), smallest.seed, smallest.users, smallest.instances, smallest.streams,
      again.steps());
}

int run(const Options& wanted) {
  fmt::print("seed {}: {} users, {} instances, {} streams\n", wanted.world.seed, wanted.world.users,
             wanted.world.instances, wanted.world.streams);
  Simulation simulation(wanted.world);
  const auto end = RealClock::now() + std::chrono::seconds(wanted.seconds);
  auto next_line = RealClock::now();
  while (wanted.steps == 0 ? RealClock::now() < end : simulation.steps() < wanted.steps) {
    for (int i = 0; i < 100; ++i) {
      if (simulation.step()) continue;
      progress(simulation, true);
      fmt::print("{}", simulation.failure());
      tell_smallest(wanted.world, simulation.steps());
      return 1;
    }
    if (RealClock::now() < next_line) continue;
    next_line += std::chrono::seconds(1);
    progress(simulation, false);
  }
  progress(simulation, true);
  return 0;
}

}  // namespace
}  // namespace weir::sim

int main(int argc, char** argv) {
  const auto parsed = weir::sim::parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  return weir::sim::run(std::get<weir::sim::Options>(parsed));
}
