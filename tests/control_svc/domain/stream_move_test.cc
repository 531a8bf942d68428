#include "control_svc/domain/stream_move.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "control_svc/domain/placement.h"
#include "tests/control_svc/domain/shutdown_fixture.h"

namespace weir::control::domain {
namespace {

using namespace std::chrono_literals;

struct PaceCase {
  std::size_t left;
  Duration to_deadline;
  double pace;
};

TEST(StreamMove, ThePaceEmptiesTheInstanceBeforeItsDeadline) {
  const PaceCase cases[] = {
      {0, 1h, 5}, {10, 1h, 5}, {1000, 105s, 10}, {1000, 55s, 20}, {1000, 5s, 1000}, {10, 0s, 10},
  };
  for (const PaceCase& example : cases) {
    EXPECT_DOUBLE_EQ(move_pace(example.left, example.to_deadline), example.pace)
        << example.left << " in " << example.to_deadline.count() << " ms";
  }
}

class MoveTarget : public ShutdownTest {
 protected:
  struct Case {
    std::string named;
    std::optional<RefusalReason> refusal;
    std::string target;
  };
  void expect(const Case& example) {
    const auto target = move_target(fleet_, "m0", example.named);
    std::optional<RefusalReason> refusal;
    if (!target) refusal = target.error().reason;
    EXPECT_EQ(refusal, example.refusal) << example.named;
    if (target) EXPECT_EQ(target->instance_id, example.target);
  }
};

TEST_F(MoveTarget, TheNamedOneIfItTakesStreams) {
  grow(4);
  change("m2", [](InstanceRecord& each) { each.cordoned = true; });
  change("m3", [](InstanceRecord& each) { each.state = InstanceState::kGrace; });
  const Case cases[] = {
      {"m1", std::nullopt, "m1"},
      {"m0", RefusalReason::kInvalidState, ""},
      {"m2", RefusalReason::kInstanceNotAccepting, ""},
      {"m3", RefusalReason::kInstanceNotAccepting, ""},
      {"m9", RefusalReason::kInstanceNotFound, ""},
  };
  for (const Case& example : cases) expect(example);
}

TEST_F(MoveTarget, ElseTheOneThatPickInstanceWouldChooseButNeverItsOwn) {
  grow(2, {.publishers = 5});
  grow(1, {.publishers = 1});
  change("m0", [](InstanceRecord& each) { each.load = {}; });
  expect({"", std::nullopt, "m2"});
  change("m2", [](InstanceRecord& each) { each.ready = false; });
  expect({"", std::nullopt, "m1"});
  change("m1", [](InstanceRecord& each) { each.state = InstanceState::kDraining; });
  expect({"", RefusalReason::kNoInstanceCapacity, ""});
}

TEST_F(MoveTarget, WhoIsOnTheWayCountsAlready) {
  grow(2, {.publishers = 1, .max_publishers = 3});
  change("m1", [](InstanceRecord& each) { each.load.publishers = 2; });
  EXPECT_EQ(pick_instance(fleet_)->instance_id, "m0");
  EXPECT_EQ(pick_instance(fleet_, {}, {{"m0", 2}})->instance_id, "m1") << "m0 is full";
  EXPECT_EQ(pick_instance(fleet_, {}, {{"m0", 2}, {"m1", 1}}), nullptr);
}

struct MovesCase {
  InstanceState state;
  Duration since_request;
  bool moves;
};

TEST_F(MoveTarget, StreamsMoveWhileDrainingFromMigrateAfterToTheDeadline) {
  grow(1);
  ask("m0", ShutdownCause::kSigterm);
  const Drain drain = *instance("m0").drain;
  const MovesCase cases[] = {
      {InstanceState::kGrace, 30s, false},
      {InstanceState::kDraining, settings_.shutdown.grace - 1ms, false},
      {InstanceState::kDraining, settings_.shutdown.grace, true},
      {InstanceState::kUnreachable, 30s, false},
      {InstanceState::kDraining, settings_.shutdown.deadline, false},
  };
  for (const MovesCase& example : cases) {
    change("m0", [&](InstanceRecord& each) { each.state = example.state; });
    EXPECT_EQ(moves_streams(instance("m0"), drain.requested + example.since_request), example.moves)
        << static_cast<int>(example.state) << " " << example.since_request.count();
  }
}

}  // namespace
}  // namespace weir::control::domain
