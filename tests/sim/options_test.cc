#include "tests/sim/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::sim {
namespace {

std::variant<Options, int> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "weir-sim");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, SayWhatWorldAndForHowLong) {
  const auto parsed = parse({"--seed", "7", "--users", "200", "--instances", "9", "--streams", "30",
                             "--steps", "1000", "--fault", "early-loss"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const auto& options = std::get<Options>(parsed);
  EXPECT_EQ(options.world.seed, 7U);
  EXPECT_EQ(options.world.users, 200);
  EXPECT_EQ(options.world.instances, 9);
  EXPECT_EQ(options.world.streams, 30);
  EXPECT_EQ(options.steps, 1000U);
  EXPECT_EQ(options.world.planted, PlantedFault::kEarlyLoss);
}

TEST(Options, RefuseMistakes) {
  const std::vector<std::vector<const char*>> mistakes{
      {"--no-such-flag"}, {"7"},
      {"--users", "0"},   {"--users", "many"},
      {"--seconds"},      {"--seconds", "-5"},
      {"--steps", "-1"},  {"--fault", "none-such"},
  };
  for (const auto& arguments : mistakes) {
    const auto parsed = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << arguments.front();
    EXPECT_EQ(std::get<int>(parsed), 2) << arguments.front();
  }
}

TEST(Options, EndsWellAfterHelp) {
  const auto parsed = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<int>(parsed));
  EXPECT_EQ(std::get<int>(parsed), 0);
}

}  // namespace
}  // namespace weir::sim
