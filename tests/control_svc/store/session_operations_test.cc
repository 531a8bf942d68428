#include "control_svc/store/session_operations.h"

#include <gtest/gtest.h>

#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::AdmitRequest;
using domain::EventType;
using domain::RefusalReason;
using domain::SessionKind;
using domain::SessionState;
using std::chrono::milliseconds;
using std::chrono::seconds;

AdmitRequest play(std::string user) { return request_of(SessionKind::kPlay, std::move(user)); }
AdmitRequest publish(std::string user) {
  return request_of(SessionKind::kPublish, std::move(user));
}

TEST(SessionOperations, TheFourthIsRefusedUntilOneHasExpired) {
  OperationsFixture weir;
  const auto first = weir.admit(play("ann"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->session.state, SessionState::kPending);
  weir.clock.advance(seconds{1});
  ASSERT_TRUE(weir.admit(play("ann")));
  ASSERT_TRUE(weir.admit(play("ann")));

  const auto fourth = weir.admit(play("ann"));
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().reason, RefusalReason::kSessionLimitReached);
  EXPECT_EQ(fourth.error().limit, 3);
  EXPECT_EQ(fourth.error().holders.size(), 3U);
  EXPECT_EQ(fourth.error().holders[0].id, first->session.id);
  EXPECT_EQ(fourth.error().retry_after, seconds{19});
  EXPECT_TRUE(weir.admit(play("bob")));

  ASSERT_TRUE(weir.touch({first->session.id.str(), "ann", "live/one"}));
  weir.clock.advance(seconds{40} - milliseconds{1});
  EXPECT_EQ(weir.get(first->session.id)->session.state, SessionState::kIdle);
  weir.clock.advance(milliseconds{1});
  EXPECT_EQ(weir.get(first->session.id)->session.state, SessionState::kEnded);
  EXPECT_TRUE(weir.admit(play("ann")));
}

TEST(SessionOperations, TheTickerEndsWhatIsDueWithinATick) {
  OperationsFixture weir;
  const auto admitted = weir.admit(play("ann"));
  weir.clock.advance(seconds{20} - milliseconds{1});
  EXPECT_EQ(weir.expire(), 0U);
  weir.clock.advance(milliseconds{33});
  EXPECT_EQ(weir.expire(), 1U);
  ASSERT_EQ(weir.events.size(), 2U);
  EXPECT_EQ(weir.events[1].type, EventType::kExpired);
  EXPECT_EQ(weir.events[1].session.end_reason, domain::EndReason::kStartTimeout);
  EXPECT_EQ(weir.events[1].time - weir.events[1].session.ended, milliseconds{32});
}

TEST(SessionOperations, APublishedStreamIsRefusedToOthers) {
  OperationsFixture weir;
  const auto ann = weir.admit(publish("ann"));
  ASSERT_TRUE(ann);
  EXPECT_EQ(ann->session.epoch, 1);
  const auto bob = weir.admit(publish("bob"));
  ASSERT_FALSE(bob);
  EXPECT_EQ(bob.error().reason, RefusalReason::kStreamAlreadyPublished);
  ASSERT_TRUE(weir.release(ann->session.id));
  const auto again = weir.admit(publish("bob"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session.epoch, 2);
}

}  // namespace
}  // namespace weir::control::store
