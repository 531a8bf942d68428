#include "control_svc/domain/fleet_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir::control::domain {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class FleetRules : public testing::Test {
 protected:
  static InstanceHello hello(const std::string& id, const std::string& incarnation = "first") {
    InstanceHello made;
    made.instance_id = id;
    made.incarnation = incarnation;
    made.version = "1";
    made.route.instance_id = id;
    return made;
  }

  FleetDecision& take(FleetDecision decision) {
    last_ = std::move(decision);
    fleet_ = last_.record;
    return last_;
  }

  FleetDecision& greet(const InstanceHello& said) {
    InstanceSighting& sighting = heard_[said.instance_id];
    sighting.instance_id = said.instance_id;
    sighting.incarnation = said.incarnation;
    sighting.heard = clock_.now().steady;
    return take(take_in(fleet_, said, clock_.now()).decision);
  }

  void report(const std::string& id, bool ready = true, const Load& load = {}) {
    InstanceSighting& sighting = heard_[id];
    sighting.heard = clock_.now().steady;
    sighting.ready = ready;
    sighting.load = load;
  }

  FleetDecision& look() {
    std::vector<InstanceSighting> sightings;
    for (const auto& [id, sighting] : heard_) sightings.push_back(sighting);
    return take(watch(
        fleet_, {.sightings = sightings, .listening_since = listening_since_, .emptied = emptied_},
        settings_, clock_.now()));
  }

  // An instance in a state that is reached the way it is in life.
  void arrange(InstanceState state) {
    greet(hello("m"));
    if (state == InstanceState::kStarting) return;
    report("m");
    look();
    if (state == InstanceState::kActive) return;
    clock_.advance(unreachable_after());
    look();
    if (state == InstanceState::kUnreachable) return;
    clock_.advance(settings_.lease);
    look();
  }

  Duration unreachable_after() const {
    return settings_.rhythm_of_fleet(fleet_.serving()).unreachable_after();
  }

  InstanceState state() const { return fleet_.find("m")->state; }

  static std::vector<InstanceEventType> types(const FleetDecision& decision) {
    std::vector<InstanceEventType> all;
    for (const InstanceEvent& event : decision.events) all.push_back(event.type);
    return all;
  }

  FakeClock clock_;
  FleetSettings settings_;
  SteadyTime listening_since_ = clock_.now().steady;
  std::map<std::string, InstanceSighting> heard_;
  std::vector<std::uint32_t> emptied_;
  FleetRecord fleet_;
  FleetDecision last_;
};

TEST_F(FleetRules, HelloMakesAStartingInstance) {
  const FleetDecision& decision = greet(hello("m"));
  EXPECT_TRUE(decision.changed && decision.lasting);
  EXPECT_THAT(types(decision), ElementsAre(InstanceEventType::kStarting));
  EXPECT_EQ(state(), InstanceState::kStarting);
}

TEST_F(FleetRules, AReadyReportMakesItActiveOnce) {
  greet(hello("m"));
  report("m", false);
  look();
  EXPECT_EQ(state(), InstanceState::kStarting);
  report("m", true);
  EXPECT_THAT(types(look()), ElementsAre(InstanceEventType::kActive));
  report("m", true);
  EXPECT_FALSE(look().changed);
}

TEST_F(FleetRules, AReportedLoadIsTakenOverWithoutAnEvent) {
  arrange(InstanceState::kActive);
  Load load;
  load.publishers = 7;
  report("m", true, load);
  const FleetDecision& decision = look();
  EXPECT_TRUE(decision.changed);
  EXPECT_FALSE(decision.lasting) << "it says so again";
  EXPECT_THAT(decision.events, IsEmpty());
  EXPECT_EQ(fleet_.find("m")->load.publishers, 7);
}

struct SilenceCase {
  InstanceState from;
  Duration silence;
  InstanceState to;
};

// What a silence that began in `from` comes to; `silence` counts from the last report.
TEST_F(FleetRules, SilenceByStateAndLength) {
  const Duration missed = unreachable_after();
  const Duration lease = settings_.lease;
  const SilenceCase cases[] = {
      {InstanceState::kStarting, missed - 1ms, InstanceState::kStarting},
      {InstanceState::kStarting, missed, InstanceState::kUnreachable},
      {InstanceState::kActive, missed - 1ms, InstanceState::kActive},
      {InstanceState::kActive, missed, InstanceState::kUnreachable},
      {InstanceState::kUnreachable, lease - 1ms, InstanceState::kUnreachable},
      {InstanceState::kUnreachable, lease, InstanceState::kLost},
      {InstanceState::kLost, settings_.tombstone - 1ms, InstanceState::kLost},
  };
  for (const SilenceCase& example : cases) {
    fleet_ = {};
    heard_.clear();
    arrange(example.from);
    const Duration already = clock_.now().steady - heard_["m"].heard;
    if (example.silence > already) clock_.advance(example.silence - already);
    look();
    EXPECT_EQ(state(), example.to)
        << static_cast<int>(example.from) << " after " << example.silence.count() << " ms";
  }
}

TEST_F(FleetRules, AnUnreachableInstanceThatIsHeardIsWhatItWas) {
  for (const InstanceState before : {InstanceState::kStarting, InstanceState::kActive}) {
    fleet_ = {};
    heard_.clear();
    arrange(before);
    clock_.advance(unreachable_after());
    look();
    ASSERT_EQ(state(), InstanceState::kUnreachable);
    report("m", before == InstanceState::kActive);
    look();
    EXPECT_EQ(state(), before);
  }
}

TEST_F(FleetRules, OnlyHelloBringsALostInstanceBack) {
  arrange(InstanceState::kLost);
  report("m");
  EXPECT_FALSE(look().changed);
  EXPECT_EQ(state(), InstanceState::kLost);
  EXPECT_THAT(types(greet(hello("m"))), ElementsAre(InstanceEventType::kActive));
  EXPECT_EQ(state(), InstanceState::kActive);
}

TEST_F(FleetRules, ALostIncarnationIsNamedOnce) {
  arrange(InstanceState::kUnreachable);
  clock_.advance(settings_.lease);
  EXPECT_THAT(look().lost, ElementsAre(LostIncarnation{"m", "first"}));
  clock_.advance(1s);
  EXPECT_THAT(look().lost, IsEmpty());
}

TEST_F(FleetRules, ANewIncarnationReplacesTheOldFromAnyState) {
  for (const InstanceState before : {InstanceState::kStarting, InstanceState::kActive,
                                     InstanceState::kUnreachable, InstanceState::kLost}) {
    fleet_ = {};
    heard_.clear();
    arrange(before);
    const bool gone = before == InstanceState::kLost;
    const FleetDecision& decision = greet(hello("m", "second"));
    EXPECT_EQ(decision.lost.size(), gone ? 0U : 1U);
    EXPECT_EQ(decision.events.size(), gone ? 1U : 2U);
    EXPECT_EQ(state(), InstanceState::kStarting);
    EXPECT_EQ(fleet_.instances.size(), 1U);
    const auto refusal = refuse_hello(fleet_, hello("m", "first"));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, RefusalReason::kStaleIncarnation);
    EXPECT_FALSE(refuse_hello(fleet_, hello("m", "second")));
    EXPECT_FALSE(refuse_hello(fleet_, hello("m", "third")));
  }
}

TEST_F(FleetRules, CordonedBelongsToTheInstance) {
  greet(hello("m"));
  InstanceRecord cordoned = *fleet_.instances[0];
  cordoned.cordoned = true;
  fleet_.instances[0] = std::make_shared<const InstanceRecord>(cordoned);
  greet(hello("m", "second"));
  EXPECT_TRUE(fleet_.find("m")->cordoned);
}

TEST_F(FleetRules, SilenceOfAnInstanceThatWasNeverHeardCountsFromTheStart) {
  arrange(InstanceState::kActive);
  heard_.clear();
  clock_.advance(1h);
  listening_since_ = clock_.now().steady;
  EXPECT_FALSE(look().changed) << "control has just restarted";
  clock_.advance(unreachable_after());
  look();
  EXPECT_EQ(state(), InstanceState::kUnreachable);
}

TEST_F(FleetRules, ALargeFleetReportsMoreSeldomAndIsGivenLonger) {
  EXPECT_EQ(settings_.rhythm_of_fleet(1000).interval, settings_.report_interval);
  EXPECT_EQ(settings_.rhythm_of_fleet(1000).lease, settings_.lease);
  const ReportRhythm large = settings_.rhythm_of_fleet(1'250);
  EXPECT_EQ(large.interval, 2'500ms);
  EXPECT_EQ(large.lease, 17'500ms);
}

TEST_F(FleetRules, TheSessionsOfTheLargestFleetOutliveItsLease) {
  const Settings sessions;
  for (const std::size_t instances : {1'428U, 10'000U, 1'000'000U}) {
    EXPECT_LE(settings_.rhythm_of_fleet(instances).lease, sessions.outlived_silence());
  }
  settings_.longest_lease = 70s;
  EXPECT_EQ(settings_.rhythm_of_fleet(1'000'000).interval, 10s);
}

TEST_F(FleetRules, SilenceIsCountedInTheIntervalThatTheInstanceWasTold) {
  arrange(InstanceState::kActive);
  heard_["m"].report_interval = 20s;
  clock_.advance(60s - 1ms);
  EXPECT_FALSE(look().changed);
  clock_.advance(1ms);
  look();
  EXPECT_EQ(state(), InstanceState::kUnreachable);
  clock_.advance(80s - 1ms);
  EXPECT_FALSE(look().changed);
  clock_.advance(1ms);
  look();
  EXPECT_EQ(state(), InstanceState::kLost);
}

TEST_F(FleetRules, ALostInstanceIsForgottenAfterTheTombstone) {
  arrange(InstanceState::kLost);
  clock_.advance(settings_.tombstone);
  EXPECT_TRUE(look().changed);
  EXPECT_EQ(fleet_.find("m"), nullptr);
}

TEST_F(FleetRules, ALeapOfTheWallClockForgetsNobody) {
  arrange(InstanceState::kLost);
  clock_.jump_wall(2 * settings_.tombstone);
  look();
  EXPECT_EQ(state(), InstanceState::kLost);
}

TEST_F(FleetRules, ASightingOfAnotherIncarnationIsSilence) {
  arrange(InstanceState::kActive);
  heard_["m"].incarnation = "stranger";
  clock_.advance(unreachable_after());
  report("m");
  look();
  EXPECT_EQ(state(), InstanceState::kUnreachable);
}

}  // namespace
}  // namespace weir::control::domain
