#include "media_svc/control_link/attach_pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace weir::media::control_link {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};
constexpr Duration kLease{15s};
constexpr double kHalf = 0.5;

class AttachPacerTest : public ::testing::Test {
 protected:
  AttachPacerTest() { pacer_.welcomed(now_, kLease); }

  Duration pause() { return pacer_.pause(now_, kHalf); }

  SteadyTime now_ = kStart;
  AttachPacer pacer_{{}};
};

TEST_F(AttachPacerTest, ALineThatHeldIsSoonMadeAnew) {
  now_ += 10s;
  EXPECT_EQ(pause(), 50ms);
}

TEST_F(AttachPacerTest, WhereThatIsInVainTheFleetComesBack) {
  now_ += 10s;
  pause();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pause(), 5s);
}

TEST_F(AttachPacerTest, ALineThatBreaksAtOnceIsNotMadeInALoop) {
  now_ += 10s - 1ms;
  EXPECT_EQ(pause(), 5s);
}

TEST_F(AttachPacerTest, ControlSaysWithinWhat) {
  now_ += 1h;
  pacer_.end_for_another(4s);
  EXPECT_EQ(pause(), 2s);
  EXPECT_EQ(pause(), 5s) << "that was for once";
}

TEST_F(AttachPacerTest, WhoWantsAnotherLineGetsItSoon) {
  pacer_.end_for_another();
  EXPECT_EQ(pause(), 50ms);
}

TEST_F(AttachPacerTest, WhoLeavesDoesNotWaitForTheFleet) {
  pacer_.leave();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pause(), 500ms);
}

TEST_F(AttachPacerTest, AShortLeaseIsNotWaitedOut) {
  pacer_.welcomed(now_, 6s);
  EXPECT_EQ(pause(), 2s);
  pacer_.end_for_another(10s);
  EXPECT_EQ(pause(), 2s);
}

TEST(AttachPacer, AControlThatStartsIsFoundSoon) {
  AttachPacer pacer{{}};
  for (const Duration pause : {500ms, 1'000ms, 2'000ms, 4'000ms, 5'000ms, 5'000ms}) {
    EXPECT_EQ(pacer.pause(kStart, kHalf), pause);
  }
}

// Control is killed under 1,430 instances and is back after 3 s: no second sees many of them.
TEST(AttachPacer, AFleetComesBackOverTenSeconds) {
  constexpr int kInstances = 1'430;
  constexpr Duration kAway{3s};
  std::minstd_rand random(1);
  std::uniform_real_distribution<> place(0, 1);
  std::vector<int> arrivals(11);
  for (int i = 0; i < kInstances; ++i) {
    AttachPacer pacer{{}};
    pacer.welcomed(kStart, kLease);
    const SteadyTime lost = kStart + 1h;
    SteadyTime attempt = lost + pacer.pause(lost, place(random));
    while (attempt < lost + kAway) attempt += pacer.pause(attempt, place(random));
    ++arrivals.at(static_cast<std::size_t>((attempt - lost - kAway) / 1s));
  }
  EXPECT_LE(*std::ranges::max_element(arrivals), kInstances / 5);
  EXPECT_EQ(arrivals.back(), 0);
}

}  // namespace
}  // namespace weir::media::control_link
