#include "control_svc/domain/shutdown_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control_svc/domain/session.h"
#include "tests/control_svc/domain/shutdown_fixture.h"

namespace weir::control::domain {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<InstanceEventType> types(const FleetDecision& decision) {
  std::vector<InstanceEventType> all;
  for (const InstanceEvent& event : decision.events) all.push_back(event.type);
  return all;
}

TEST_F(ShutdownTest, AGrantStartsTheDrainByThePolicy) {
  grow(4);
  const ShutdownAnswer answer = ask("m1");
  const Drain& drain = std::get<Drain>(answer);
  const SteadyTime now = clock_.now().steady;
  EXPECT_EQ(drain.cause, ShutdownCause::kLifetime);
  EXPECT_EQ(drain.generation, 1);
  EXPECT_EQ(drain.grace_end, now + settings_.shutdown.grace);
  EXPECT_EQ(drain.migrate_at, now + settings_.shutdown.migrate_after);
  EXPECT_EQ(drain.deadline, now + settings_.shutdown.deadline);
  EXPECT_EQ(state("m1"), InstanceState::kGrace);
  EXPECT_EQ(instance("m1").drain, drain);
  EXPECT_THAT(types(last_), ElementsAre(InstanceEventType::kGrace));
  EXPECT_THAT(last_.ordered, SizeIs(1));
}

struct DenialCase {
  const char* name;
  std::optional<DenialReason> denial;
  bool force = false;
};

// What four instances with room for ten publishers each, of which each has five, can spare.
class ShutdownDenials : public ShutdownTest {
 public:
  void expect(const DenialCase& example) {
    fleet_ = {};
    settings_.shutdown = {};
    grow(4, {.publishers = 5, .max_publishers = 10});
    arrange(example.name);
    ShutdownRequest asked = request("m0", ShutdownCause::kOperator);
    asked.force = example.force;
    const ShutdownAnswer answer = ask(asked);
    const auto* denial = std::get_if<ShutdownDenial>(&answer);
    std::optional<DenialReason> reason;
    if (denial != nullptr) reason = denial->reason;
    EXPECT_EQ(reason, example.denial) << example.name << (example.force ? ", forced" : "");
  }

 private:
  void arrange(const std::string& name) {
    if (name == "one drains") granted("m1", ShutdownCause::kSigterm);
    if (name == "min_ready") settings_.shutdown.min_ready = 4;
    if (name == "others cordoned") {
      for (const char* id : {"m1", "m2", "m3"}) {
        change(id, [](InstanceRecord& each) { each.cordoned = true; });
      }
    }
    if (name == "no capacity") {
      change("m3", [](InstanceRecord& each) { each.load.publishers = 10; });
      change("m2", [](InstanceRecord& each) { each.load.publishers = 8; });
    }
    if (name == "one is boundless") {
      change("m3", [](InstanceRecord& each) { each.load = {.publishers = 30}; });
    }
    if (name == "no players' capacity") {
      change("m3", [](InstanceRecord& each) { each.load.players = 10; });
      for (const char* id : {"m0", "m1", "m2", "m3"}) {
        change(id, [](InstanceRecord& each) { each.load.max_players = 3; });
      }
    }
    if (name == "frozen" || name == "frozen for a time") {
      set_frozen(name == "frozen" ? SteadyTime::max() : clock_.now().steady + 1s);
    }
    if (name == "freeze over") set_frozen(clock_.now().steady);
    if (name == "a lost one drained") {
      granted("m1", ShutdownCause::kSigterm);
      change("m1", [](InstanceRecord& each) { each.state = InstanceState::kLost; });
    }
  }
  void set_frozen(SteadyTime until) {
    take(set_freeze(fleet_, DrainFreeze{.message = "show", .until = until}, clock_.now()).decision);
  }
};

TEST_F(ShutdownDenials, EachRuleAndWhatForceSkips) {
  using enum DenialReason;
  const DenialCase cases[] = {
      {"nothing", std::nullopt},
      {"one drains", kTooManyDraining},
      {"one drains", std::nullopt, true},
      {"min_ready", kMinReady},
      {"min_ready", std::nullopt, true},
      {"others cordoned", kMinReady},
      {"no capacity", kNoCapacityElsewhere},
      {"no capacity", std::nullopt, true},
      {"no players' capacity", kNoCapacityElsewhere},
      {"one is boundless", std::nullopt},
      {"frozen", kFrozen},
      {"frozen", kFrozen, true},
      {"frozen for a time", kFrozen},
      {"freeze over", std::nullopt},
      {"a lost one drained", std::nullopt},
  };
  for (const DenialCase& example : cases) expect(example);
}

TEST_F(ShutdownTest, TheShareIsOfTheFleetAndAtLeastOne) {
  for (const auto& [size, allowed] : {std::pair{2, 1}, {4, 1}, {7, 1}, {8, 2}, {40, 10}}) {
    fleet_ = {};
    grow(size);
    int drains = 0;
    while (drains < size && granted("m" + std::to_string(drains))) ++drains;
    EXPECT_EQ(drains, allowed) << size;
  }
}

TEST_F(ShutdownTest, TheLastReadyInstanceStays) {
  grow(1);
  EXPECT_EQ(denied(request("m0")).reason, DenialReason::kMinReady);
}

struct UrgentCase {
  std::optional<Duration> time_left;
  Duration grace;
  Duration deadline;
};

TEST_F(ShutdownTest, AnUrgentDrainEndsBeforeTheKill) {
  settings_.shutdown.grace = 10s;
  settings_.shutdown.deadline = 1h;
  const UrgentCase cases[] = {
      {20s, 3750ms, 15s}, {8s, 1500ms, 6s}, {120s, 10s, 110s},
      {2h, 10s, 1h},      {0s, 0s, 0s},     {std::nullopt, 10s, 1h},
  };
  for (const UrgentCase& example : cases) {
    fleet_ = {};
    grow(1);
    ShutdownRequest asked = request("m0", ShutdownCause::kSigterm);
    asked.time_left = example.time_left;
    const ShutdownAnswer answer = ask(asked);
    const Drain& drain = std::get<Drain>(answer);
    const SteadyTime now = clock_.now().steady;
    EXPECT_EQ(drain.deadline - now, example.deadline);
    EXPECT_EQ(drain.grace_end - now, example.grace);
    EXPECT_EQ(drain.migrate_at, drain.grace_end);
  }
}

TEST_F(ShutdownTest, UrgentCausesAreNeverDenied) {
  for (const ShutdownCause cause : {ShutdownCause::kSigterm, ShutdownCause::kPreemption}) {
    fleet_ = {};
    grow(3);
    take(set_freeze(fleet_, DrainFreeze{.message = {}, .until = SteadyTime::max()}, clock_.now())
             .decision);
    for (const char* id : {"m0", "m1", "m2"}) EXPECT_TRUE(granted(id, cause)) << id;
  }
}

TEST_F(ShutdownTest, WhatAnOperatorWishesIsCutToItsDeadline) {
  grow(4);
  ShutdownRequest asked = request("m0", ShutdownCause::kOperator);
  asked.wish = {.grace = 1min, .migrate_after = 2min, .deadline = 30s};
  const ShutdownAnswer answer = ask(asked);
  const Drain& drain = std::get<Drain>(answer);
  const SteadyTime deadline = clock_.now().steady + 30s;
  EXPECT_EQ(drain.grace_end, deadline);
  EXPECT_EQ(drain.migrate_at, deadline);
  EXPECT_EQ(drain.deadline, deadline);
}

TEST_F(ShutdownTest, AskingDuringADrainAnswersTheOneThatStands) {
  grow(4);
  const Drain first = std::get<Drain>(ask("m0"));
  clock_.advance(5s);
  for (const ShutdownCause cause : {ShutdownCause::kLifetime, ShutdownCause::kOperator}) {
    EXPECT_EQ(std::get<Drain>(ask("m0", cause)), first);
    EXPECT_FALSE(last_.changed);
  }
}

TEST_F(ShutdownTest, ASigtermDuringADrainRaisesItsGenerationAndOnlyShortensIt) {
  grow(4);
  settings_.shutdown.deadline = 1min;
  const Drain first = std::get<Drain>(ask("m0"));
  clock_.advance(20s);
  ShutdownRequest asked = request("m0", ShutdownCause::kSigterm);
  asked.time_left = 1h;
  const Drain longer = std::get<Drain>(ask(asked));
  EXPECT_EQ(longer.generation, 2);
  EXPECT_EQ(longer.deadline, first.deadline);
  EXPECT_EQ(longer.grace_end, first.grace_end);
  EXPECT_EQ(longer.migrate_at, first.grace_end) << "moving starts when grace ends";
  EXPECT_EQ(longer.cause, ShutdownCause::kSigterm);
  EXPECT_THAT(last_.ordered, SizeIs(1));

  asked.time_left = 20s;
  const Drain shorter = std::get<Drain>(ask(asked));
  EXPECT_EQ(shorter.generation, 3);
  EXPECT_EQ(shorter.deadline, clock_.now().steady + 15s);

  clock_.advance(1s);
  EXPECT_EQ(std::get<Drain>(ask(asked)), shorter) << "a repeat that would only lengthen it";
}

TEST_F(ShutdownTest, WhoIsDeniedQueuesAndNobodyOvertakes) {
  grow(4);
  EXPECT_TRUE(granted("m0"));
  EXPECT_EQ(denied(request("m1")).queue_position, 1);
  EXPECT_EQ(denied(request("m2")).queue_position, 2);
  EXPECT_EQ(denied(request("m3")).queue_position, 3);
  EXPECT_EQ(denied(request("m1")).queue_position, 1);
  change("m0", [](InstanceRecord& each) { each.state = InstanceState::kStopped; });
  EXPECT_EQ(denied(request("m2")).reason, DenialReason::kTooManyDraining);
  EXPECT_TRUE(granted("m1"));
  EXPECT_EQ(denied(request("m2")).queue_position, 1);
}

TEST_F(ShutdownTest, APlaceLapsesWithoutAsking) {
  grow(4);
  EXPECT_TRUE(granted("m0"));
  EXPECT_EQ(denied(request("m1")).queue_position, 1);
  clock_.advance(settings_.shutdown.retry_after);
  EXPECT_EQ(denied(request("m2")).queue_position, 2);
  clock_.advance(settings_.shutdown.retry_after);
  EXPECT_EQ(denied(request("m2")).queue_position, 1);
}

TEST_F(ShutdownTest, AskingTooSoonCountsAsNoDenial) {
  grow(4);
  EXPECT_TRUE(granted("m0"));
  for (int i = 0; i < 5; ++i) denied(request("m1"));
  EXPECT_EQ(fleet_.queue.front().denials, 1);
  clock_.advance(settings_.shutdown.retry_after);
  denied(request("m1"));
  EXPECT_EQ(fleet_.queue.front().denials, 2);
}

TEST_F(ShutdownTest, WhoStarvesGoesFirstButTheRulesHold) {
  grow(4);
  settings_.shutdown.max_denials = 3;
  EXPECT_TRUE(granted("m0"));
  denied(request("m1"));
  clock_.advance(1s);
  for (int i = 0; i < 3; ++i) {
    denied(request("m2"));
    if (i < 2) denied(request("m1"));
    if (i < 2) clock_.advance(settings_.shutdown.retry_after);
  }
  const auto now = clock_.now().steady;
  EXPECT_EQ(count_starved(fleet_, settings_.shutdown, now), 1U);
  EXPECT_EQ(denied(request("m2")).queue_position, 1);
  EXPECT_EQ(denied(request("m3")).queue_position, 3);
}

TEST_F(ShutdownTest, HalfALifetimeOfWaitingStarves) {
  grow(4);
  EXPECT_TRUE(granted("m0", ShutdownCause::kSigterm));
  denied(request("m1"));
  settings_.shutdown.max_denials = 1'000'000;
  const auto starving_at = [&](Duration waited) {
    QueuePlace place = fleet_.queue.front();
    place.lapses_at = SteadyTime::max();
    FleetRecord fleet;
    fleet.queue.push_back(place);
    return count_starved(fleet, settings_.shutdown, clock_.now().steady + waited);
  };
  EXPECT_EQ(starving_at(12h - 1ms), 0U);
  EXPECT_EQ(starving_at(12h), 1U);
}

TEST_F(ShutdownTest, WhatIsNoLifetimeStarvesByDenialsAlone) {
  grow(4);
  EXPECT_TRUE(granted("m0", ShutdownCause::kSigterm));
  denied(request("m1", ShutdownCause::kUnhealthy));
  EXPECT_EQ(fleet_.queue.front().starves_at, SteadyTime::max());
}

TEST_F(ShutdownTest, TheDrainOfAnUnreachableInstanceWaitsForIt) {
  grow(4);
  change("m0", [](InstanceRecord& each) {
    each.state = InstanceState::kUnreachable;
    each.resumes_as = InstanceState::kActive;
  });
  EXPECT_TRUE(granted("m0"));
  EXPECT_EQ(state("m0"), InstanceState::kUnreachable);
  EXPECT_EQ(instance("m0").resumes_as, InstanceState::kGrace);
}

struct RefusalCase {
  const char* name;
  ShutdownRequest request;
  InstanceState state;
  RefusalReason reason;
};

TEST_F(ShutdownTest, WhoMayNotAsk) {
  ShutdownRequest stale = request("m0");
  stale.incarnation = "older";
  const RefusalCase cases[] = {
      {"unknown", request("x"), InstanceState::kActive, RefusalReason::kInstanceNotFound},
      {"stale", stale, InstanceState::kActive, RefusalReason::kStaleIncarnation},
      {"lost", request("m0", ShutdownCause::kOperator), InstanceState::kLost,
       RefusalReason::kInvalidState},
  };
  for (const RefusalCase& example : cases) {
    fleet_ = {};
    grow(4);
    change("m0", [&](InstanceRecord& each) { each.state = example.state; });
    const auto ruling = decide_shutdown(fleet_, example.request, settings_.shutdown, clock_.now());
    ASSERT_FALSE(ruling.answer) << example.name;
    EXPECT_EQ(ruling.answer.error().reason, example.reason) << example.name;
    EXPECT_FALSE(ruling.decision.changed) << example.name;
  }
}

TEST_F(ShutdownTest, ADrainTakenBackLeavesAnActiveInstance) {
  for (const Duration into : {0s, 20s}) {
    fleet_ = {};
    grow(4);
    ask("m0");
    clock_.advance(into);
    look();
    const auto ruling = cancel_drain(fleet_, "m0", clock_.now());
    ASSERT_TRUE(ruling.answer);
    take(ruling.decision);
    EXPECT_EQ(state("m0"), InstanceState::kActive);
    EXPECT_FALSE(instance("m0").drain);
    EXPECT_THAT(types(last_), ElementsAre(InstanceEventType::kDrainCancelled));
    EXPECT_EQ(last_.events[0].drain_end->outcome, DrainOutcome::kCancelled);
    EXPECT_EQ(last_.events[0].drain_end->lasted, into);
    EXPECT_THAT(last_.ordered, SizeIs(1));
    EXPECT_EQ(std::get<Drain>(ask("m0")).generation, 2);
  }
}

TEST_F(ShutdownTest, WhatCannotBeTakenBack) {
  grow(4);
  EXPECT_EQ(cancel_drain(fleet_, "x", clock_.now()).answer.error().reason,
            RefusalReason::kInstanceNotFound);
  EXPECT_EQ(cancel_drain(fleet_, "m0", clock_.now()).answer.error().reason,
            RefusalReason::kInvalidState);
  ask("m0", ShutdownCause::kSigterm);
  EXPECT_EQ(cancel_drain(fleet_, "m0", clock_.now()).answer.error().reason,
            RefusalReason::kShutdownIrrevocable);
}

TEST_F(ShutdownTest, ACordonIsSetOnce) {
  grow(1);
  take(set_cordon(fleet_, "m0", true, clock_.now()).decision);
  EXPECT_TRUE(instance("m0").cordoned);
  EXPECT_THAT(types(last_), ElementsAre(InstanceEventType::kCordoned));
  EXPECT_FALSE(set_cordon(fleet_, "m0", true, clock_.now()).decision.changed);
  take(set_cordon(fleet_, "m0", false, clock_.now()).decision);
  EXPECT_THAT(types(last_), ElementsAre(InstanceEventType::kUncordoned));
  EXPECT_FALSE(instance("m0").cordoned);
  EXPECT_FALSE(set_cordon(fleet_, "x", true, clock_.now()).answer);
}

class DrainLife : public ShutdownTest {
 protected:
  DrainLife() {
    grow(4);
    ask("m0");
  }
  void empty() { emptied_ = {holder_digest("m0", "first")}; }
};

TEST_F(DrainLife, GraceThenDraining) {
  clock_.advance(settings_.shutdown.grace - 1ms);
  empty();
  look();
  EXPECT_EQ(state("m0"), InstanceState::kGrace) << "somebody may still be on the way";
  emptied_ = {};
  clock_.advance(1ms);
  look();
  EXPECT_EQ(state("m0"), InstanceState::kDraining);
  EXPECT_THAT(types(last_), ElementsAre(InstanceEventType::kDraining));
}

TEST_F(DrainLife, StopsWhenNothingIsLeft) {
  clock_.advance(settings_.shutdown.grace);
  look();
  empty();
  clock_.advance(1s);
  look();
  EXPECT_EQ(state("m0"), InstanceState::kStopped);
  EXPECT_THAT(last_.stopped, ElementsAre(StoppedIncarnation{"m0", "first", false}));
  EXPECT_EQ(last_.events[0].drain_end->outcome, DrainOutcome::kEmptied);
  EXPECT_EQ(last_.events[0].drain_end->lasted, settings_.shutdown.grace + 1s);
  EXPECT_THAT(last_.lost, IsEmpty());
}

TEST_F(DrainLife, StopsAtOnceWhenItHasSaidAllAndLeft) {
  left_ = "m0";
  look();
  EXPECT_EQ(state("m0"), InstanceState::kStopped);
}

TEST_F(DrainLife, StopsAtItsDeadlineHeardOrNot) {
  for (const bool heard : {true, false}) {
    fleet_ = {};
    settings_.lease = 10h;
    grow(4);
    ask("m0");
    clock_.advance(settings_.shutdown.deadline - 1ms);
    silent_ = heard ? "" : "m0";
    look();
    EXPECT_NE(state("m0"), InstanceState::kStopped);
    clock_.advance(1ms);
    look();
    EXPECT_EQ(state("m0"), InstanceState::kStopped);
    EXPECT_THAT(last_.stopped, ElementsAre(StoppedIncarnation{"m0", "first", true}));
  }
}

TEST_F(DrainLife, GoesOnUnseenWhileUnreachable) {
  silent_ = "m0";
  clock_.advance(6s);
  look();
  EXPECT_EQ(state("m0"), InstanceState::kUnreachable);
  clock_.advance(5s);
  look();
  EXPECT_EQ(instance("m0").resumes_as, InstanceState::kDraining);
  silent_ = "";
  look();
  EXPECT_EQ(state("m0"), InstanceState::kDraining);
}

TEST_F(DrainLife, EndsWithItsIncarnation) {
  InstanceHello hello;
  hello.instance_id = "m0";
  hello.incarnation = "second";
  take(take_in(fleet_, hello, clock_.now()).decision);
  EXPECT_FALSE(instance("m0").drain);
  EXPECT_EQ(last_.events[0].drain_end->outcome, DrainOutcome::kLost);
  look();
  ShutdownRequest again = request("m0");
  again.incarnation = "second";
  EXPECT_EQ(std::get<Drain>(ask(again)).generation, 2) << "it rises with each drain";
}

TEST_F(DrainLife, TheQueueForgetsWhoIsGone) {
  denied(request("m1"));
  change("m1", [](InstanceRecord& each) { each.state = InstanceState::kLost; });
  look();
  EXPECT_THAT(fleet_.queue, IsEmpty());
}

}  // namespace
}  // namespace weir::control::domain
