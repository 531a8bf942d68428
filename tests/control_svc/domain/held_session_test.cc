#include "control_svc/domain/held_session.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "control_svc/domain/session_rules.h"

namespace weir::control::domain {
namespace {

using std::chrono::seconds;

// Ann's publisher on m1, as m1 comes back with it after a time apart.
class HeldSessionTest : public testing::Test {
 protected:
  HeldSessionTest() {
    snapshot_.user.user_id = Text("ann");
    snapshot_.fleet = std::make_shared<const FleetRecord>();
    AdmitRequest& request = held_.admission;
    request.user_id = "ann";
    request.stream_id = "live/one";
    request.kind = SessionKind::kPublish;
    request.instance_id = "m1";
    request.incarnation = "i";
    held_.session = SessionId(bucket_of("ann"), 1, 1);
    AdmissionDecision admitted = admit(snapshot_, request, held_.session, context());
    held_.epoch = admitted.answer->session.epoch;
    snapshot_.user = std::move(admitted.record);
    snapshot_.claim = *admitted.claim;
    take(touch_in_bulk(snapshot_.user, held_.session, 0, context()));
  }
  Context context() const { return {settings_, clock_.now()}; }
  void take(Decision<UserSession> decision) { snapshot_.user = std::move(decision.record); }
  void take_over(std::int64_t epoch) {
    Session session;
    session.id = SessionId(9, 9, 9);
    session.kind = SessionKind::kPublish;
    session.texts = PackedTexts({.stream_id = "live/one"});
    open(session, context());
    snapshot_.foreign_holder = session;
    snapshot_.claim.epoch = epoch;
    snapshot_.claim.holder = session.id;
  }
  EndReason end_of(const AdmissionDecision& decision) {
    EXPECT_FALSE(decision.changed);
    return decision.answer ? EndReason::kNone : decision.answer.error().end_reason;
  }
  AdmissionDecision assert_now() { return assert_held(snapshot_, held_, context()); }

  Settings settings_;
  FakeClock clock_;
  AdmissionSnapshot snapshot_;
  HeldSession held_;
};

TEST_F(HeldSessionTest, WhatIsStillItsOwnGoesOn) {
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_FALSE(decision.changed);
}

TEST_F(HeldSessionTest, ItsMediaIsAsItsInstanceSays) {
  held_.media = std::make_shared<const MediaSummary>(MediaSummary{.video_codec = "h264"});
  auto described = assert_now();
  ASSERT_TRUE(described.changed);
  EXPECT_FALSE(described.lasting);
  EXPECT_TRUE(described.events.empty());
  snapshot_.user = std::move(described.record);
  EXPECT_EQ(snapshot_.user.find(held_.session)->media->video_codec, "h264");
  EXPECT_FALSE(assert_now().changed);

  snapshot_.user.sessions.clear();
  const auto forgotten = assert_now();
  EXPECT_TRUE(forgotten.lasting);
  EXPECT_EQ(forgotten.answer->session.media->video_codec, "h264");
}

TEST_F(HeldSessionTest, AnInterruptedOneWaitsForItsMedia) {
  take(instance_gone(snapshot_.user, held_.session, holder_digest("m1", "i"), false, context()));
  EXPECT_FALSE(assert_now().changed);
  const auto touched =
      touch_in_bulk(snapshot_.user, held_.session, holder_digest("m1", "i"), context());
  EXPECT_EQ(touched.answer->session.state, SessionState::kActive);
}

TEST_F(HeldSessionTest, WhatWentElsewhereEndsHere) {
  held_.epoch = 0;
  EXPECT_EQ(end_of(assert_now()), EndReason::kMoved);
  held_.epoch = 1;
  held_.admission.incarnation = "h";
  EXPECT_EQ(end_of(assert_now()), EndReason::kMoved);
}

TEST_F(HeldSessionTest, WhatExpiredMeanwhileIsRevivedWithItsId) {
  const WallTime created = snapshot_.user.sessions[0].created;
  clock_.advance(seconds{45});
  snapshot_.claim = {};
  snapshot_.foreign_holder.reset();
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_TRUE(decision.answer->resumed);
  EXPECT_EQ(decision.answer->session.id, held_.session);
  EXPECT_EQ(decision.answer->session.state, SessionState::kActive);
  EXPECT_EQ(decision.answer->session.created, created);
  EXPECT_EQ(decision.events.back().type, EventType::kResumed);
  ASSERT_TRUE(decision.claim);
  EXPECT_EQ(decision.claim->epoch, 1);
  EXPECT_EQ(decision.claim->holder, held_.session);
}

TEST_F(HeldSessionTest, EveryOtherEndStands) {
  take(kick(snapshot_.user, held_.session,
            {.session_id = {}, .message = {}, .block_duration = {}, .by = "op"}, context()));
  EXPECT_EQ(end_of(assert_now()), EndReason::kKicked);
}

TEST_F(HeldSessionTest, ANewerClaimStands) {
  clock_.advance(seconds{45});
  take_over(2);
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced);
}

// Killed in between, control has not ended whom the newcomer took the stream from.
TEST_F(HeldSessionTest, ANewerClaimStandsAlsoWhileTheOldHolderLives) {
  ASSERT_FALSE(assert_now().changed);
  take_over(2);
  const auto decision = assert_now();
  ASSERT_TRUE(decision.lasting);
  EXPECT_EQ(decision.record.find(held_.session)->end_reason, EndReason::kReplaced);
  ASSERT_EQ(decision.events.size(), 1U);
  EXPECT_EQ(decision.events[0].type, EventType::kReplaced);
  ASSERT_EQ(decision.notices.size(), 1U);
  EXPECT_EQ(decision.notices[0].session, held_.session);
  EXPECT_FALSE(decision.claim);
}

// Killed in between, control has its record and not its claim.
TEST_F(HeldSessionTest, OneThatLivesTakesTheClaimThatWasNotWritten) {
  snapshot_.claim = {};
  const auto decision = assert_now();
  ASSERT_TRUE(decision.lasting);
  EXPECT_TRUE(decision.events.empty());
  ASSERT_TRUE(decision.claim);
  EXPECT_EQ(decision.claim->holder, held_.session);
  EXPECT_EQ(decision.claim->epoch, held_.epoch);
}

TEST_F(HeldSessionTest, OneThatLivesEndsWhereSomebodyElseWasGivenItsStream) {
  held_.epoch = 4;
  snapshot_.user.find(held_.session)->epoch = 4;
  take_over(1);
  const auto decision = assert_now();
  ASSERT_TRUE(decision.lasting);
  const Session& ended = *decision.record.find(held_.session);
  EXPECT_EQ(ended.end_reason, EndReason::kReplaced);
  EXPECT_EQ(ended.texts.view().ended_by, snapshot_.claim.holder.str());
  EXPECT_FALSE(decision.claim);
}

TEST_F(HeldSessionTest, OneThatLivesGoesOnWhateverBecameOfALaterConnectionsClaim) {
  snapshot_.claim.epoch = 2;
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_FALSE(decision.changed);
}

TEST_F(HeldSessionTest, AClaimThatBeganAnewStandsAlsoOnceItsHolderHasEnded) {
  snapshot_.user.sessions.clear();
  take_over(1);
  snapshot_.foreign_holder.reset();
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced);
}

TEST_F(HeldSessionTest, AForgottenOneIsAdmittedAgainAboveTheLimit) {
  snapshot_.user.sessions.clear();
  snapshot_.user.limits.max_publish_sessions = 0;
  snapshot_.claim = {};
  held_.epoch = 4;
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_FALSE(decision.answer->resumed);
  EXPECT_TRUE(decision.answer->beyond_limit);
  EXPECT_EQ(decision.answer->session.id, held_.session);
  EXPECT_EQ(decision.claim->epoch, 4);
  EXPECT_EQ(decision.events.back().type, EventType::kAdmitted);

  take_over(3);
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced);
}

TEST_F(HeldSessionTest, ANewcomerThatItsInstanceMustRefuseGivesWay) {
  snapshot_.user.sessions.clear();
  snapshot_.claim = {};
  held_.epoch = 4;
  const SessionId newcomer(bucket_of("ann"), 2, 2);
  AdmissionDecision admitted = admit(snapshot_, held_.admission, newcomer, context());
  snapshot_.user = std::move(admitted.record);
  snapshot_.claim = *admitted.claim;
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_EQ(decision.claim->holder, held_.session);
  EXPECT_EQ(decision.claim->epoch, 4);
  EXPECT_EQ(decision.record.find(newcomer)->end_reason, EndReason::kReplaced);
  EXPECT_FALSE(decision.ends_foreign_holder);

  // One that has begun, as it can elsewhere, stays.
  take(touch_in_bulk(snapshot_.user, newcomer, 0, context()));
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced);
}

TEST_F(HeldSessionTest, SoDoesAnotherUsersNewcomer) {
  snapshot_.user.sessions.clear();
  held_.epoch = 4;
  take_over(1);
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced) << "it may begin, on another instance";
  snapshot_.foreign_holder->lease.holder = holder_digest("m1", "i");
  const auto decision = assert_now();
  ASSERT_TRUE(decision.answer);
  EXPECT_TRUE(decision.ends_foreign_holder);
  EXPECT_EQ(decision.claim->holder, held_.session);
}

TEST_F(HeldSessionTest, AnIdThatCannotBeTheUsersIsNotTaken) {
  snapshot_.user.sessions.clear();
  snapshot_.claim = {};
  snapshot_.foreign = {held_.session};
  EXPECT_EQ(end_of(assert_now()), EndReason::kReplaced);
  snapshot_.foreign.clear();
  held_.session = SessionId((bucket_of("ann") + 1) % kBuckets, 1, 1);
  EXPECT_EQ(end_of(assert_now()), EndReason::kFailed);
}

}  // namespace
}  // namespace weir::control::domain
