#include "media_svc/drain/stall_watch.h"

#include <gtest/gtest.h>

#include <array>

namespace weir::media::drain {
namespace {

constexpr auto kStalled = StallWatch::kStalledLooks;
constexpr auto kStuck = StallWatch::kStuckLooks;

// Two threads; the second stands still while it is looked at `in_vain` times, and may turn then.
struct Case {
  std::uint32_t in_vain;
  bool turns_again;
  std::size_t stalled;
  bool stuck;
};

class StallWatchTest : public testing::TestWithParam<Case> {};

TEST_P(StallWatchTest, CountsLooksInVainInARow) {
  const Case& given = GetParam();
  StallWatch watch(2);
  std::array<std::uint64_t, 2> turns{4, 4};
  watch.look(turns);
  for (std::uint32_t i = 0; i < given.in_vain; ++i) {
    ++turns[0];
    watch.look(turns);
  }
  if (given.turns_again) {
    ++turns[1];
    watch.look(turns);
  }
  EXPECT_EQ(watch.stalled(), given.stalled);
  EXPECT_EQ(watch.stuck(), given.stuck);
}

INSTANTIATE_TEST_SUITE_P(
    All, StallWatchTest,
    testing::Values(
        Case{.in_vain = 0, .turns_again = false, .stalled = 0, .stuck = false},
        Case{.in_vain = kStalled - 1, .turns_again = false, .stalled = 0, .stuck = false},
        Case{.in_vain = kStalled, .turns_again = false, .stalled = 1, .stuck = false},
        Case{.in_vain = kStalled, .turns_again = true, .stalled = 0, .stuck = false},
        Case{.in_vain = kStuck - 1, .turns_again = false, .stalled = 1, .stuck = false},
        Case{.in_vain = kStuck, .turns_again = false, .stalled = 1, .stuck = true},
        Case{.in_vain = kStuck, .turns_again = true, .stalled = 0, .stuck = false}));

TEST(StallWatch, AThreadThatHasNeverTurnedStandsStill) {
  StallWatch watch(1);
  const std::array<std::uint64_t, 1> turns{0};
  for (std::uint32_t i = 0; i < kStalled; ++i) watch.look(turns);
  EXPECT_EQ(watch.stalled(), 1);
}

}  // namespace
}  // namespace weir::media::drain
