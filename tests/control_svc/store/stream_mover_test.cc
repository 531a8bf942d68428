#include "control_svc/store/stream_mover.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::InstanceRecord;
using domain::InstanceState;
using domain::SessionKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// m0 drains and moves its streams; m1 may take them.
class StreamMoverTest : public testing::Test {
 protected:
  StreamMoverTest() { set_fleet(true); }

  void set_fleet(bool m1_takes_streams) {
    const SteadyTime now = weir_.clock.now().steady;
    InstanceRecord leaving = instance("m0", InstanceState::kDraining);
    leaving.drain = {.cause = domain::ShutdownCause::kOperator,
                     .message = {},
                     .generation = 1,
                     .requested = now,
                     .grace_end = now,
                     .migrate_at = now,
                     .deadline = now + hours{1}};
    InstanceRecord other = instance("m1", InstanceState::kActive);
    other.ready = m1_takes_streams;
    auto fleet = std::make_shared<domain::FleetRecord>();
    fleet->instances = {std::make_shared<const InstanceRecord>(std::move(leaving)),
                        std::make_shared<const InstanceRecord>(std::move(other))};
    weir_.store.load_fleet([&](const auto& loaded) {
      weir_.store.commit_fleet({.record = fleet, .expected = loaded->version, .events = {}},
                               [](const auto& done) { ASSERT_TRUE(done); });
    });
  }
  static InstanceRecord instance(const std::string& id, InstanceState state) {
    InstanceRecord record;
    record.instance_id = id;
    record.route.instance_id = id;
    record.state = state;
    return record;
  }

  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string stream = "live/" + std::to_string(published_++);
      // The instance takes nothing new: they were there before it drained.
      const auto admitted = weir_.admit(request_of(SessionKind::kPublish, "of " + stream, stream));
      ASSERT_TRUE(admitted);
      weir_.store.load_owner(admitted->session.id, [&](const auto& owner) {
        domain::UserRecord record = owner->record;
        record.sessions[0].lease.holder = domain::holder_digest("m0", "");
        record.sessions[0].state = domain::SessionState::kActive;
        weir_.store.commit_user({.record = record, .expected = owner->version, .events = {}},
                                [](const auto& done) { ASSERT_TRUE(done); });
      });
    }
  }

  // As the ticker does.
  void run(Duration time) {
    for (Duration gone{0}; gone < time; gone += kTick) {
      weir_.clock.advance(kTick);
      step();
    }
  }
  void step() {
    bool done = false;
    mover_.step(weir_.clock.now(), [&done] { done = true; });
    ASSERT_TRUE(done);
  }

  static constexpr Duration kTick = milliseconds{100};

  OperationsFixture weir_;
  std::vector<domain::MoveOrder> asked_;
  StreamMover mover_{weir_.store, weir_.operations,
                     [this](const domain::MoveOrder& order) { asked_.push_back(order); }};
  int published_ = 0;
};

TEST_F(StreamMoverTest, AsksOneAtOnceAndTheOthersAtThePace) {
  publish(20);
  step();
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].instance_id, "m0");
  EXPECT_EQ(asked_[0].target.instance_id, "m1");
  run(seconds{2});
  EXPECT_EQ(asked_.size(), 11U);
  run(seconds{10});
  EXPECT_EQ(asked_.size(), 20U) << "each once";
}

TEST_F(StreamMoverTest, TimeWithoutAnywhereToGoIsNoCreditForLater) {
  publish(20);
  set_fleet(false);
  run(seconds{10});
  EXPECT_TRUE(asked_.empty());
  set_fleet(true);
  run(kTick);
  EXPECT_LE(asked_.size(), 1U);
  run(seconds{1});
  EXPECT_LE(asked_.size(), 6U);
  EXPECT_GE(asked_.size(), 5U);
}

TEST_F(StreamMoverTest, TimeWithNobodyToAskIsNoCreditForLater) {
  run(seconds{10});
  publish(20);
  // They are found within two seconds.
  for (int i = 0; i < 20 && asked_.empty(); ++i) run(kTick);
  EXPECT_EQ(asked_.size(), 1U);
  run(seconds{1});
  EXPECT_LE(asked_.size(), 6U);
}

TEST_F(StreamMoverTest, WhatAnInstanceHasForgottenIsSaidAgain) {
  publish(2);
  run(seconds{1});
  ASSERT_EQ(asked_.size(), 2U);
  run(seconds{5});
  EXPECT_EQ(asked_.size(), 2U);
  mover_.begin_again("m0");
  run(seconds{1});
  EXPECT_EQ(asked_.size(), 4U);
}

}  // namespace
}  // namespace weir::control::store
