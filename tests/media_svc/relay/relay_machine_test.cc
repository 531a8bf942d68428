#include "media_svc/relay/relay_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <utility>
#include <vector>

#include "tests/support/timed_machine.h"

namespace weir::media::relay {

void PrintTo(State state, std::ostream* out) { *out << name(state); }
void PrintTo(Action action, std::ostream* out) { *out << name(action); }

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Settings kSettings;

using Relay = support::TimedMachine<RelayMachine, Event, Event::kTick>;

Relay in(State state) {
  static const std::map<State, std::vector<Event>> kWays{
      {State::kIdle, {}},
      {State::kFinding, {Event::kWanted}},
      {State::kConnecting, {Event::kWanted, Event::kFound}},
      {State::kPlaying, {Event::kWanted, Event::kFound, Event::kStarted}},
      {State::kPausing, {Event::kWanted, Event::kNotFound}},
  };
  Relay relay{.machine{kSettings, 1}};
  for (const Event event : kWays.at(state)) relay.step(event);
  EXPECT_EQ(relay.machine.state(), state);
  return relay;
}

TEST(RelayMachineTest, EveryEventInEveryState) {
  using enum State;
  struct Step {
    State to;
    RelayMachine::Actions actions;
  };
  const RelayMachine::Actions find{Action::kFind};
  const RelayMachine::Actions connect{Action::kConnect};
  const RelayMachine::Actions close{Action::kClose};
  const RelayMachine::Actions release{Action::kRelease};
  const RelayMachine::Actions close_and_release{Action::kClose, Action::kRelease};
  const std::map<std::pair<State, Event>, Step> changes{
      {{kIdle, Event::kWanted}, {kFinding, find}},
      {{kFinding, Event::kFound}, {kConnecting, connect}},
      {{kFinding, Event::kNotFound}, {kPausing, release}},
      {{kFinding, Event::kUnwanted}, {kIdle, release}},
      {{kConnecting, Event::kStarted}, {kPlaying, {}}},
      {{kConnecting, Event::kLost}, {kPausing, close_and_release}},
      {{kConnecting, Event::kUnwanted}, {kIdle, close_and_release}},
      {{kPlaying, Event::kLost}, {kPausing, close}},
      {{kPlaying, Event::kUnwanted}, {kIdle, close_and_release}},
      {{kPausing, Event::kUnwanted}, {kIdle, release}},
  };
  for (const State from : {kIdle, kFinding, kConnecting, kPlaying, kPausing}) {
    for (const Event event : {Event::kWanted, Event::kUnwanted, Event::kFound, Event::kNotFound,
                              Event::kStarted, Event::kMedia, Event::kLost}) {
      Relay relay = in(from);
      const auto found = changes.find({from, event});
      const Step expected = found == changes.end() ? Step{from, {}} : found->second;
      EXPECT_EQ(relay.step(event), expected.actions) << name(from) << " " << int(event);
      EXPECT_EQ(relay.machine.state(), expected.to) << name(from) << " " << int(event);
    }
  }
}

TEST(RelayMachineTest, NoStepTakesLongerThanItsLimit) {
  Relay finding = in(State::kFinding);
  EXPECT_THAT(finding.after(kSettings.step_limit - 1ms), IsEmpty());
  EXPECT_EQ(finding.machine.state(), State::kFinding);
  EXPECT_THAT(finding.after(1ms), ElementsAre(Action::kRelease));
  EXPECT_EQ(finding.machine.state(), State::kPausing);

  Relay connecting = in(State::kConnecting);
  EXPECT_THAT(connecting.after(kSettings.step_limit),
              ElementsAre(Action::kClose, Action::kRelease));
  EXPECT_EQ(connecting.machine.state(), State::kPausing);
}

TEST(RelayMachineTest, MediaPutsTheSilenceOff) {
  Relay relay = in(State::kPlaying);
  EXPECT_THAT(relay.after(kSettings.silence - 1ms), IsEmpty());
  EXPECT_THAT(relay.step(Event::kMedia), IsEmpty());
  EXPECT_THAT(relay.after(kSettings.silence - 1ms), IsEmpty());
  EXPECT_THAT(relay.after(1ms), ElementsAre(Action::kClose));
  EXPECT_EQ(relay.machine.state(), State::kPausing);
}

TEST(RelayMachineTest, WhatHasPlayedIsReleasedOnceAnAttemptWasInVain) {
  Relay relay = in(State::kPlaying);
  EXPECT_THAT(relay.step(Event::kLost), ElementsAre(Action::kClose));
  EXPECT_THAT(relay.after(kSettings.first_pause), ElementsAre(Action::kFind));
  EXPECT_THAT(relay.step(Event::kFound), ElementsAre(Action::kConnect));
  EXPECT_THAT(relay.step(Event::kStarted), IsEmpty()) << "it goes on";
  relay.step(Event::kLost);
  relay.after(kSettings.longest_pause);
  EXPECT_THAT(relay.step(Event::kNotFound), ElementsAre(Action::kRelease));
}

TEST(RelayMachineTest, AnAttemptIsInVainUntilTheNextFindsTheStream) {
  Relay relay = in(State::kFinding);
  EXPECT_FALSE(relay.machine.in_vain()) << "the first answer is yet to come";
  relay.step(Event::kNotFound);
  EXPECT_TRUE(relay.machine.in_vain());
  relay.after(kSettings.longest_pause);
  EXPECT_TRUE(relay.machine.in_vain());
  relay.step(Event::kFound);
  EXPECT_FALSE(relay.machine.in_vain());
  relay.step(Event::kLost);
  EXPECT_TRUE(relay.machine.in_vain());
  relay.step(Event::kUnwanted);
  EXPECT_FALSE(relay.machine.in_vain());
}

// The pauses of a machine that never finds its stream.
std::vector<Duration> pauses(std::uint32_t seed, int count) {
  RelayMachine machine(kSettings, seed);
  SteadyTime now{1h};
  machine.step(Event::kWanted, now);
  std::vector<Duration> result;
  for (int i = 0; i < count; ++i) {
    machine.step(Event::kNotFound, now);
    const SteadyTime paused = now;
    const SteadyTime latest = paused + kSettings.longest_pause;
    while (machine.step(Event::kTick, now).empty() && now <= latest) now += 1ms;
    result.push_back(now - paused);
  }
  return result;
}

TEST(RelayMachineTest, PausesAreRandomAndGrowUpToTheLongest) {
  Duration longest{0};
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    const std::vector<Duration> of_one = pauses(seed, 8);
    Duration window = kSettings.first_pause;
    for (const Duration pause : of_one) {
      EXPECT_LE(pause, window);
      window = std::min(window * 2, kSettings.longest_pause);
      longest = std::max(longest, pause);
    }
  }
  EXPECT_GT(longest, kSettings.longest_pause / 2);
  EXPECT_NE(pauses(1, 8), pauses(2, 8));
}

TEST(RelayMachineTest, WhatHasPlayedIsLookedForSoonAgain) {
  Relay relay = in(State::kIdle);
  relay.step(Event::kWanted);
  for (int i = 0; i < 8; ++i) {
    relay.step(Event::kNotFound);
    EXPECT_THAT(relay.after(kSettings.longest_pause), ElementsAre(Action::kFind));
  }
  relay.step(Event::kFound);
  relay.step(Event::kStarted);
  relay.step(Event::kMedia);
  relay.step(Event::kLost);
  EXPECT_THAT(relay.after(kSettings.first_pause), ElementsAre(Action::kFind));
}

}  // namespace
}  // namespace weir::media::relay
