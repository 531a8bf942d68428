#include "media_svc/drain/shutdown_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/timed_machine.h"

namespace weir::media::drain {

void PrintTo(State state, std::ostream* out) { *out << name(state); }
void PrintTo(Action action, std::ostream* out) { *out << name(action); }

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Actions = ShutdownMachine::Actions;

constexpr Settings kSettings{.lifetime = 24h, .drain_deadline = 1h};
constexpr Granted kGranted{{.generation = 5, .grace = 10s, .deadline = 10min}};
constexpr Denied kDenied{.retry_after = 30s};

struct Instance : support::TimedMachine<ShutdownMachine, Event, TimePassed{}> {
  explicit Instance(const Settings& settings = kSettings)
      : TimedMachine{ShutdownMachine(settings, kStart)} {}

  // From now on.
  std::optional<Duration> next_deadline() const {
    const auto deadline = machine.next_deadline();
    if (!deadline) return std::nullopt;
    return *deadline - now;
  }
};

// The ways into each state that differ in what may follow.
enum class At {
  kServing,
  kAsking,
  kAskingForced,
  kAskingUnhealthy,
  kGrace,
  kGraceForced,
  kDraining,
  kDrainingForced,
  kReporting,
  kDone
};
constexpr At kPlaces[] = {At::kServing,   At::kAsking,      At::kAskingForced, At::kAskingUnhealthy,
                          At::kGrace,     At::kGraceForced, At::kDraining,     At::kDrainingForced,
                          At::kReporting, At::kDone};

void lead(Instance& instance, At at) {
  switch (at) {
    case At::kServing:
      return;
    case At::kAsking:
      instance.after(24h);
      return;
    case At::kAskingForced:
      instance.step(Terminate{});
      return;
    case At::kAskingUnhealthy:
      instance.step(Unhealthy{});
      return;
    case At::kGrace:
      lead(instance, At::kAsking);
      instance.step(kGranted);
      return;
    case At::kGraceForced:
      lead(instance, At::kAskingForced);
      instance.step(kGranted);
      return;
    case At::kDraining:
      lead(instance, At::kGrace);
      instance.after(10s);
      return;
    case At::kDrainingForced:
      lead(instance, At::kGraceForced);
      instance.after(10s);
      return;
    case At::kReporting:
      lead(instance, At::kDrainingForced);
      instance.step(Empty{});
      return;
    case At::kDone:
      lead(instance, At::kReporting);
      instance.step(Reported{});
      return;
  }
}

const std::vector<std::pair<std::string, Event>>& events() {
  static const std::vector<std::pair<std::string, Event>> kEvents = {
      {"TimePassed", TimePassed{}},
      {"Terminate", Terminate{}},
      {"Interrupt", Interrupt{}},
      {"PreStop", PreStop{}},
      {"Granted", Granted{{.generation = 6, .grace = 10s, .deadline = 10min}}},
      {"Denied", kDenied},
      {"Unanswered", Unanswered{}},
      {"Cancelled", Cancelled{.generation = 5}},
      {"Unhealthy", Unhealthy{}},
      {"Recovered", Recovered{}},
      {"Empty", Empty{}},
      {"Reported", Reported{}}};
  return kEvents;
}

struct Outcome {
  State to;
  Actions actions;
};

// What is not here changes nothing.
const std::map<std::pair<At, std::string>, Outcome>& rules() {
  using enum Action;
  const Outcome closed_at_once{State::kReporting, {kReadinessOff, kRefuse, kClose, kReport}};
  const Outcome closed_unready{State::kReporting, {kRefuse, kClose, kReport}};
  const Outcome closed{State::kReporting, {kClose, kReport}};
  static const std::map<std::pair<At, std::string>, Outcome> kRules = {
      {{At::kServing, "Terminate"}, {State::kAsking, {kReadinessOff, kAsk}}},
      {{At::kServing, "Interrupt"}, closed_at_once},
      {{At::kServing, "PreStop"}, {State::kAsking, {kReadinessOff, kAsk}}},
      {{At::kServing, "Unhealthy"}, {State::kAsking, {kReadinessOff, kAsk}}},
      // An operator's drain.
      {{At::kServing, "Granted"}, {State::kGrace, {kReadinessOff}}},

      {{At::kAsking, "Terminate"}, {State::kAsking, {kReadinessOff, kAsk}}},
      {{At::kAsking, "Interrupt"}, closed_at_once},
      {{At::kAsking, "PreStop"}, {State::kAsking, {kReadinessOff, kAsk}}},
      {{At::kAsking, "Granted"}, {State::kGrace, {kReadinessOff}}},

      {{At::kAsking, "Unhealthy"}, {State::kAsking, {kReadinessOff}}},

      {{At::kAskingUnhealthy, "Terminate"}, {State::kAsking, {kAsk}}},
      {{At::kAskingUnhealthy, "Interrupt"}, closed_unready},
      {{At::kAskingUnhealthy, "PreStop"}, {State::kAsking, {kAsk}}},
      {{At::kAskingUnhealthy, "Granted"}, {State::kGrace, {}}},
      {{At::kAskingUnhealthy, "Recovered"}, {State::kServing, {kReadinessOn}}},

      {{At::kAskingForced, "Terminate"}, closed_unready},
      {{At::kAskingForced, "Interrupt"}, closed_unready},
      {{At::kAskingForced, "Granted"}, {State::kGrace, {}}},
      {{At::kAskingForced, "Unanswered"}, {State::kGrace, {}}},

      {{At::kGrace, "Terminate"}, {State::kGrace, {kAsk}}},
      {{At::kGrace, "Interrupt"}, closed_unready},
      {{At::kGrace, "PreStop"}, {State::kGrace, {kAsk}}},
      {{At::kGrace, "Cancelled"}, {State::kServing, {kReadinessOn}}},

      {{At::kGraceForced, "Terminate"}, closed_unready},
      {{At::kGraceForced, "Interrupt"}, closed_unready},
      {{At::kGraceForced, "Empty"}, closed_unready},

      {{At::kDraining, "Terminate"}, {State::kDraining, {kAsk}}},
      {{At::kDraining, "Interrupt"}, closed},
      {{At::kDraining, "PreStop"}, {State::kDraining, {kAsk}}},
      {{At::kDraining, "Cancelled"}, {State::kServing, {kAccept, kReadinessOn}}},
      {{At::kDraining, "Empty"}, closed},

      {{At::kDrainingForced, "Terminate"}, closed},
      {{At::kDrainingForced, "Interrupt"}, closed},
      {{At::kDrainingForced, "Empty"}, closed},

      {{At::kReporting, "Terminate"}, {State::kDone, {kExit}}},
      {{At::kReporting, "Interrupt"}, {State::kDone, {kExit}}},
      {{At::kReporting, "Reported"}, {State::kDone, {kExit}}},
  };
  return kRules;
}

TEST(ShutdownMachine, TakesEachEventInEachState) {
  for (const At at : kPlaces) {
    for (const auto& [event_name, event] : events()) {
      Instance instance;
      lead(instance, at);
      const State before = instance.machine.state();
      const auto rule = rules().find({at, event_name});
      const Outcome expected = rule == rules().end() ? Outcome{before, {}} : rule->second;
      SCOPED_TRACE(testing::Message()
                   << name(before) << (instance.machine.forced() ? " forced" : "") << " + "
                   << event_name);
      EXPECT_EQ(instance.step(event), expected.actions);
      EXPECT_EQ(instance.machine.state(), expected.to);
    }
  }
}

TEST(ShutdownMachine, AsksWhenItsLifetimeIsOver) {
  Instance instance;
  EXPECT_EQ(instance.next_deadline(), 24h);
  EXPECT_THAT(instance.after(24h - 1ms), IsEmpty());
  EXPECT_THAT(instance.after(1ms), ElementsAre(Action::kAsk));
  EXPECT_FALSE(instance.machine.forced());
}

TEST(ShutdownMachine, ServesForEverWithoutALifetime) {
  Instance instance({.lifetime = std::nullopt, .drain_deadline = 1h});
  EXPECT_EQ(instance.next_deadline(), std::nullopt);
  EXPECT_THAT(instance.after(10'000h), IsEmpty());
  EXPECT_EQ(instance.machine.state(), State::kServing);
}

TEST(ShutdownMachine, AsksAgainWhenADenialSays) {
  Instance instance;
  lead(instance, At::kAsking);
  EXPECT_EQ(instance.next_deadline(), std::nullopt) << "the answer is under way";
  EXPECT_THAT(instance.step(kDenied), IsEmpty());
  EXPECT_EQ(instance.next_deadline(), 30s);
  EXPECT_THAT(instance.after(30s - 1ms), IsEmpty());
  EXPECT_THAT(instance.after(1ms), ElementsAre(Action::kAsk));
  EXPECT_THAT(instance.after(0ms), IsEmpty()) << "one ask at a time";
  EXPECT_THAT(instance.step(Denied{.retry_after = 0ms}), IsEmpty());
  EXPECT_EQ(instance.next_deadline(), 1s) << "but never in a loop";
}

TEST(ShutdownMachine, DoesNotGoByChoiceWithoutControl) {
  Instance instance;
  lead(instance, At::kAsking);
  EXPECT_THAT(instance.step(Unanswered{}), IsEmpty());
  EXPECT_EQ(instance.machine.state(), State::kAsking);
  EXPECT_THAT(instance.after(10s), ElementsAre(Action::kAsk));
}

TEST(ShutdownMachine, AsksAgainWhileItIsUnhealthy) {
  Instance instance;
  lead(instance, At::kAskingUnhealthy);
  EXPECT_TRUE(instance.machine.unhealthy());
  EXPECT_THAT(instance.step(Unhealthy{}), IsEmpty()) << "told again, not asked again";
  instance.step(kDenied);
  EXPECT_THAT(instance.after(30s), ElementsAre(Action::kAsk));
  instance.step(Unanswered{});
  EXPECT_THAT(instance.after(10s), ElementsAre(Action::kAsk));
}

TEST(ShutdownMachine, WhoRecoversStopsAsking) {
  Instance instance;
  lead(instance, At::kAskingUnhealthy);
  instance.step(kDenied);
  EXPECT_THAT(instance.step(Recovered{}), ElementsAre(Action::kReadinessOn));
  EXPECT_FALSE(instance.machine.unhealthy());
  EXPECT_THAT(instance.after(1h), IsEmpty());
  EXPECT_EQ(instance.next_deadline(), 23h);
}

TEST(ShutdownMachine, WhoRecoversMayStillWantToGo) {
  Instance instance;
  lead(instance, At::kAsking);
  instance.step(Unhealthy{});
  instance.step(kDenied);
  EXPECT_THAT(instance.step(Recovered{}), ElementsAre(Action::kReadinessOn));
  EXPECT_THAT(instance.after(29s), IsEmpty());
  EXPECT_THAT(instance.after(1s), ElementsAre(Action::kAsk)) << "its lifetime is over";
}

TEST(ShutdownMachine, WhoRecoversWhileItDrainsGoesOn) {
  Instance instance;
  lead(instance, At::kAskingUnhealthy);
  instance.step(kGranted);
  EXPECT_THAT(instance.step(Recovered{}), IsEmpty());
  EXPECT_THAT(instance.after(10s), ElementsAre(Action::kRefuse));
}

TEST(ShutdownMachine, RecoveryDoesNotTakeASigtermBack) {
  Instance instance;
  lead(instance, At::kAskingUnhealthy);
  instance.step(Terminate{});
  EXPECT_THAT(instance.step(Recovered{}), IsEmpty());
  EXPECT_EQ(instance.machine.state(), State::kAsking);
}

TEST(ShutdownMachine, ADrainTakenBackDoesNotHeal) {
  Instance instance;
  lead(instance, At::kDraining);
  instance.step(Unhealthy{});
  EXPECT_THAT(instance.step(Cancelled{.generation = 5}), ElementsAre(Action::kAccept));
  EXPECT_EQ(instance.machine.state(), State::kAsking);
  EXPECT_THAT(instance.after(10s - 1ms), IsEmpty());
  EXPECT_THAT(instance.after(1ms), ElementsAre(Action::kAsk));
}

TEST(ShutdownMachine, DrainsByGraceThenDeadline) {
  Instance instance;
  lead(instance, At::kGrace);
  EXPECT_EQ(instance.machine.generation(), 5);
  EXPECT_EQ(instance.next_deadline(), 10s);
  EXPECT_THAT(instance.after(10s), ElementsAre(Action::kRefuse));
  EXPECT_EQ(instance.next_deadline(), 10min - 10s - 4s);
  EXPECT_THAT(instance.after(10min - 14s), ElementsAre(Action::kMoveRest));
  EXPECT_EQ(instance.next_deadline(), 4s);
  EXPECT_THAT(instance.after(4s), ElementsAre(Action::kClose, Action::kReport));
  EXPECT_EQ(instance.machine.ending(), Ending::kDeadline);
}

TEST(ShutdownMachine, DoesAtOnceWhatALateStepFindsOver) {
  Instance instance;
  lead(instance, At::kGrace);
  EXPECT_THAT(instance.after(1h), ElementsAre(Action::kRefuse, Action::kClose, Action::kReport));
}

TEST(ShutdownMachine, WaitsForReportsWithinABound) {
  Instance instance;
  lead(instance, At::kReporting);
  EXPECT_EQ(instance.next_deadline(), 5s);
  EXPECT_THAT(instance.after(5s), ElementsAre(Action::kExit));
  EXPECT_EQ(instance.machine.state(), State::kDone);
  EXPECT_EQ(instance.machine.ending(), Ending::kEmptied);
}

TEST(ShutdownMachine, IsEmptiedOfWhoCameDuringGrace) {
  Instance instance;
  lead(instance, At::kGrace);
  EXPECT_THAT(instance.step(Empty{}), IsEmpty()) << "somebody may be on the way";
  instance.after(10s);
  EXPECT_THAT(instance.step(Empty{}), ElementsAre(Action::kClose, Action::kReport));
}

TEST(ShutdownMachine, APreStopGivesTheBalancerItsTime) {
  Instance instance;
  instance.step(PreStop{});
  instance.step(kGranted);
  EXPECT_THAT(instance.step(Empty{}), IsEmpty());
  EXPECT_THAT(instance.step(PreStop{}), IsEmpty()) << "a second one adds nothing";
}

TEST(ShutdownMachine, SigtermAfterPreStopIsNotASecondSignal) {
  Instance instance;
  instance.step(PreStop{});
  instance.step(kGranted);
  EXPECT_EQ(instance.machine.time_left(instance.now), 1h);
  EXPECT_THAT(instance.after(5s, Terminate{}), ElementsAre(Action::kAsk));
  EXPECT_EQ(instance.machine.time_left(instance.now), 1h - 5s);
  EXPECT_THAT(instance.step(Terminate{}),
              ElementsAre(Action::kRefuse, Action::kClose, Action::kReport));
  EXPECT_EQ(instance.machine.ending(), Ending::kSecondSignal);
}

TEST(ShutdownMachine, SigtermDrainsByLocalPolicyWithoutControl) {
  for (const bool answered : {true, false}) {
    Instance instance({.lifetime = std::nullopt, .drain_deadline = 100s});
    EXPECT_THAT(instance.step(Terminate{}), ElementsAre(Action::kReadinessOff, Action::kAsk));
    EXPECT_EQ(instance.next_deadline(), 3s) << "no longer than that for an answer";
    if (answered) {
      instance.after(3s, Unanswered{});
    } else {
      instance.after(3s);
    }
    EXPECT_EQ(instance.machine.state(), State::kGrace);
    EXPECT_EQ(instance.machine.generation(), 0);
    // 97 s are left; 10 s of them are kept.
    EXPECT_EQ(instance.next_deadline(), 10s);
    instance.after(10s);
    EXPECT_EQ(instance.next_deadline(), 87s - 10s - 4s);
    instance.after(73s);
    EXPECT_THAT(instance.after(4s), ElementsAre(Action::kClose, Action::kReport));
  }
}

TEST(ShutdownMachine, ShortTimesAreSharedOut) {
  Instance instance({.lifetime = std::nullopt, .drain_deadline = 4s});
  instance.step(Terminate{});
  instance.step(Unanswered{});
  EXPECT_EQ(instance.next_deadline(), 750ms);
  EXPECT_THAT(instance.after(750ms), ElementsAre(Action::kRefuse));
  EXPECT_EQ(instance.next_deadline(), 1'687ms + 1ms);
  EXPECT_THAT(instance.after(1'688ms), ElementsAre(Action::kMoveRest));
  EXPECT_EQ(instance.next_deadline(), 562ms);
}

TEST(ShutdownMachine, ItsOwnDeadlineWins) {
  Instance instance({.lifetime = 24h, .drain_deadline = 1min});
  lead(instance, At::kGrace);
  instance.after(10s);
  // Again and again "ten minutes left" moves nothing.
  instance.step(kGranted);
  EXPECT_THAT(instance.after(50s), ElementsAre(Action::kClose, Action::kReport));
}

TEST(ShutdownMachine, ARepeatedGrantSaysWhatIsLeft) {
  Instance instance;
  lead(instance, At::kDraining);
  EXPECT_THAT(instance.step(Granted{{.generation = 5, .grace = 0s, .deadline = 20s}}), IsEmpty());
  EXPECT_EQ(instance.machine.state(), State::kDraining);
  EXPECT_EQ(instance.next_deadline(), 16s);
  instance.step(Granted{{.generation = 4, .grace = 0s, .deadline = 1s}});
  EXPECT_EQ(instance.next_deadline(), 16s) << "an older drain's";
}

TEST(ShutdownMachine, SigtermOnlyShortensADrain) {
  for (const auto& [granted, left] : {std::pair<Duration, Duration>{30min, 10min - 10s},
                                      std::pair<Duration, Duration>{1min, 1min}}) {
    Instance instance;
    lead(instance, At::kDraining);
    instance.step(Terminate{});
    instance.step(Granted{{.generation = 6, .grace = 0s, .deadline = granted}});
    EXPECT_EQ(instance.machine.generation(), 6);
    EXPECT_THAT(instance.after(left - 4s), ElementsAre(Action::kMoveRest));
    EXPECT_EQ(instance.next_deadline(), 4s);
  }
}

TEST(ShutdownMachine, ADrainTakenBackLeavesNothingBehind) {
  Instance instance;
  lead(instance, At::kDraining);
  instance.step(Cancelled{.generation = 5});
  EXPECT_EQ(instance.machine.generation(), 0);
  EXPECT_EQ(instance.next_deadline(), 24h) << "it is not asked again at once";
  EXPECT_THAT(instance.step(kGranted), IsEmpty()) << "late";
  EXPECT_EQ(instance.machine.state(), State::kServing);
  EXPECT_THAT(instance.step(Granted{{.generation = 6, .grace = 10s, .deadline = 10min}}),
              ElementsAre(Action::kReadinessOff));
}

TEST(ShutdownMachine, AnOperatorsDrainTakenBackLeavesTheLifetime) {
  Instance instance;
  instance.after(1h, kGranted);
  instance.step(Cancelled{.generation = 5});
  EXPECT_EQ(instance.next_deadline(), 23h);
}

TEST(ShutdownMachine, AGrantThatIsTakenBackBeforeItArrives) {
  Instance instance;
  lead(instance, At::kAsking);
  EXPECT_THAT(instance.step(Cancelled{.generation = 5}), IsEmpty());
  EXPECT_THAT(instance.step(kGranted), IsEmpty());
  EXPECT_EQ(instance.machine.state(), State::kAsking);
  EXPECT_EQ(instance.next_deadline(), 10s);
}

TEST(ShutdownMachine, ADenialFromBeforeSigtermMeansNothing) {
  Instance instance;
  lead(instance, At::kAsking);
  instance.step(Terminate{});
  EXPECT_THAT(instance.step(kDenied), IsEmpty());
  EXPECT_EQ(instance.next_deadline(), 3s);
}

}  // namespace
}  // namespace weir::media::drain
