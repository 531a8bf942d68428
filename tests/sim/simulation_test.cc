#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::sim {
namespace {

WorldSettings small_world(std::uint64_t seed, PlantedFault planted = PlantedFault::kNone) {
  WorldSettings settings;
  settings.seed = seed;
  settings.users = 60;
  settings.instances = 6;
  settings.streams = 20;
  settings.planted = planted;
  return settings;
}

// The failure, or "" after that many steps without one.
std::string failure_of(const WorldSettings& settings, std::uint64_t steps) {
  Simulation simulation(settings);
  while (simulation.steps() < steps) {
    if (!simulation.step()) return simulation.failure();
  }
  return "";
}

TEST(Simulation, HoldsItsInvariants) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(failure_of(small_world(seed), 60'000), "");
  }
}

TEST(Simulation, IsTheSameEachTimeForASeed) {
  Simulation first(small_world(7));
  Simulation second(small_world(7));
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(first.step());
    ASSERT_TRUE(second.step());
  }
  EXPECT_EQ(first.virtual_time(), second.virtual_time());
  EXPECT_EQ(first.world().oracle().events_seen(), second.world().oracle().events_seen());
  EXPECT_GT(first.world().oracle().events_seen(), 100U);
}

TEST(Simulation, HasDrainsOfEveryKind) {
  Simulation simulation(small_world(3));
  const Oracle& seen = simulation.world().oracle();
  const auto has_all = [&seen] {
    return seen.drains_begun() > 0 && seen.drains_denied() > 0 && seen.drains_cancelled() > 0 &&
           seen.moves_ordered() > 0;
  };
  while (!has_all() && simulation.steps() < 600'000) {
    ASSERT_TRUE(simulation.step()) << simulation.failure();
  }
  EXPECT_TRUE(has_all());
}

class PlantedFaults : public testing::TestWithParam<PlantedFault> {};

TEST_P(PlantedFaults, AreFound) {
  std::string found;
  for (std::uint64_t seed = 1; seed <= 20 && found.empty(); ++seed) {
    found = failure_of(small_world(seed, GetParam()), 200'000);
  }
  EXPECT_NE(found, "");
}

INSTANTIATE_TEST_SUITE_P(All, PlantedFaults,
                         testing::Values(PlantedFault::kLostUpdate, PlantedFault::kEarlyExpiry,
                                         PlantedFault::kAnswerBeforeCommit,
                                         PlantedFault::kEarlyLoss, PlantedFault::kGrantsToAll));

}  // namespace
}  // namespace weir::sim
