#include "tests/sim/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <random>
#include <string>

namespace weir::sim {
namespace {

constexpr int kExitUsage = 2;

void add_world(CLI::App& app, WorldSettings& world) {
  app.add_option("--seed", world.seed, "The chance of everything (default: a new one)");
  app.add_option("--users", world.users)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--instances", world.instances)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--streams", world.streams)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--full-check", world.steps_between_full_checks,
                 "Steps between two looks at everything")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  const std::map<std::string, PlantedFault> faults{
      {"none", PlantedFault::kNone},
      {"lost-update", PlantedFault::kLostUpdate},
      {"early-expiry", PlantedFault::kEarlyExpiry},
      {"answer-before-commit", PlantedFault::kAnswerBeforeCommit},
      {"early-loss", PlantedFault::kEarlyLoss},
      {"grants-to-all", PlantedFault::kGrantsToAll}};
  app.add_option("--fault", world.planted, "A mistake put in on purpose")
      ->transform(CLI::CheckedTransformer(faults));
}

}  // namespace

std::variant<Options, int> parse_options(int argc, const char* const* argv) {
  Options options;
  options.world.seed = std::random_device{}();
  CLI::App app("Simulates control, its instances and its users in virtual time", "weir-sim");
  add_world(app, options.world);
  app.add_option("--seconds", options.seconds, "How long to run, in real time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--steps", options.steps, "How long to run, in steps; instead of --seconds")
      ->check(CLI::NonNegativeNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : kExitUsage;
  }
  return options;
}

}  // namespace weir::sim
