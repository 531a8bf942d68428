#include "control_svc/domain/admission.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "control_svc/domain/session_rules.h"
#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// One user and one stream; what an admission decides is put in place at once.
class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() { user_.user_id = Text("ann"); }

  Context context() const { return {settings_, clock_.now()}; }

  static AdmitRequest request(SessionKind kind, std::string stream = "live/one") {
    AdmitRequest request;
    request.user_id = "ann";
    request.kind = kind;
    request.stream_id = std::move(stream);
    return request;
  }
  static AdmitRequest play(std::string stream = "live/one") {
    return request(SessionKind::kPlay, std::move(stream));
  }
  static AdmitRequest publish(std::string stream = "live/one") {
    return request(SessionKind::kPublish, std::move(stream));
  }
  static AdmitRequest from(std::string instance, AdmitRequest request) {
    request.incarnation = instance + "'s";
    request.instance_id = std::move(instance);
    return request;
  }

  AdmissionDecision decide(const AdmitRequest& request) {
    AdmissionSnapshot snapshot;
    snapshot.user = user_;
    snapshot.claim = claim_;
    snapshot.foreign_holder = foreign_holder_;
    snapshot.fleet = std::make_shared<const FleetRecord>(fleet_);
    snapshot.foreign = foreign_;
    ++ids_;
    return domain::admit(std::move(snapshot), request, SessionId(1, ids_, ids_), context());
  }
  Outcome<AdmitAnswer> admit(const AdmitRequest& request) {
    AdmissionDecision decision = decide(request);
    if (decision.changed) user_ = decision.record;
    if (decision.claim) claim_ = *decision.claim;
    events_ = decision.events;
    notices_ = decision.notices;
    return decision.answer;
  }
  RefusalReason refused(const AdmitRequest& request) {
    const UserRecord before = user_;
    const auto outcome = admit(request);
    EXPECT_EQ(user_.sessions.size(), before.sessions.size());
    if (outcome) {
      ADD_FAILURE() << "was admitted";
      return {};
    }
    refusal_ = outcome.error();
    return refusal_.reason;
  }
  void apply(Decision<UserSession> decision) {
    ASSERT_TRUE(decision.answer);
    user_ = std::move(decision.record);
  }
  void interrupt(const Session& session) {
    apply(report(user_,
                 {.session = session.id,
                  .epoch = session.epoch,
                  .kind = SessionReport::Kind::kInterrupted,
                  .instance_id = std::string(session.instance_id()),
                  .incarnation = std::string(session.instance_id()) + "'s",
                  .message = {}},
                 context()));
  }
  InstanceRecord& attach(std::string id, InstanceState state = InstanceState::kActive) {
    const auto instance = std::make_shared<InstanceRecord>();
    instance->incarnation = id + "'s";
    instance->route.instance_id = id;
    instance->instance_id = std::move(id);
    instance->state = state;
    instance->ready = true;
    fleet_.instances.push_back(instance);
    return *instance;
  }
  std::size_t live() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(user_.sessions, [](const Session& s) { return s.live(); }));
  }

  Settings settings_;
  FakeClock clock_;
  UserRecord user_;
  StreamClaim claim_;
  std::optional<Session> foreign_holder_;
  FleetRecord fleet_;
  std::vector<SessionId> foreign_;
  std::vector<SessionEvent> events_;
  std::vector<EndNotice> notices_;
  Refusal refusal_;
  std::uint64_t ids_ = 0;
};

TEST_F(AdmissionTest, ANewSessionIsPendingAndTold) {
  const auto admitted = admit(from("m1", publish()));
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->session.state, SessionState::kPending);
  EXPECT_EQ(admitted->session.epoch, 1);
  EXPECT_EQ(admitted->session.instance_id(), "m1");
  EXPECT_FALSE(admitted->resumed);
  EXPECT_EQ(claim_.holder, admitted->session.id);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].type, EventType::kAdmitted);
}

// --- Request ids

TEST_F(AdmissionTest, TheSameRequestGetsTheSameSessionInItsPresentState) {
  AdmitRequest asked = from("m1", play());
  asked.request_id = "r1";
  const auto first = admit(asked);
  apply(touch(user_, first->session.id,
              {.session_id = {}, .user_id = "ann", .stream_id = "live/one"}, context()));
  asked.instance_id = "m2";
  asked.client.device = "another";
  const auto again = admit(asked);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->session.id, first->session.id);
  EXPECT_EQ(again->session.state, SessionState::kActive);
  EXPECT_EQ(live(), 1U);

  apply(release(user_, first->session.id, context()));
  EXPECT_EQ(admit(asked)->session.state, SessionState::kEnded);
  EXPECT_EQ(live(), 0U);
}

TEST_F(AdmissionTest, ARequestIdServesOneRequest) {
  AdmitRequest asked = play();
  asked.request_id = "r1";
  ASSERT_TRUE(admit(asked));
  asked.stream_id = "live/two";
  EXPECT_EQ(refused(asked), RefusalReason::kRequestIdReused);
  asked.stream_id = "live/one";
  asked.kind = SessionKind::kPublish;
  EXPECT_EQ(refused(asked), RefusalReason::kRequestIdReused);
}

TEST_F(AdmissionTest, WhatARequestReplacesOrResumesIsPartOfIt) {
  const auto other = admit(play("live/two"));
  ASSERT_TRUE(other);
  AdmitRequest asked = play();
  asked.request_id = "r1";
  ASSERT_TRUE(admit(asked));
  AdmitRequest replacing = asked;
  replacing.replace_session_ids = {other->session.id.str()};
  EXPECT_EQ(refused(replacing), RefusalReason::kRequestIdReused);
  AdmitRequest resuming = asked;
  resuming.resume_session_id = other->session.id.str();
  EXPECT_EQ(refused(resuming), RefusalReason::kRequestIdReused);
}

TEST_F(AdmissionTest, ARequestIdIsRememberedFromItsFirstCall) {
  AdmitRequest asked = play();
  asked.request_id = "r1";
  const auto first = admit(asked);
  clock_.advance(minutes{10} - Duration{1});
  EXPECT_TRUE(admit(asked)->repeated);
  clock_.advance(Duration{1});
  const auto later = admit(asked);
  EXPECT_FALSE(later->repeated);
  EXPECT_NE(later->session.id, first->session.id);
}

TEST_F(AdmissionTest, NeitherRefusalsNorTrialsAreRemembered) {
  AdmitRequest asked = play();
  asked.request_id = "r1";
  asked.validate_only = true;
  ASSERT_TRUE(admit(asked));
  EXPECT_EQ(live(), 0U);
  asked.validate_only = false;
  user_.limits.max_play_sessions = 0;
  EXPECT_EQ(refused(asked), RefusalReason::kSessionLimitReached);
  user_.limits.max_play_sessions = 1;
  EXPECT_FALSE(admit(asked)->repeated);
}

TEST_F(AdmissionTest, OnlySoManyRequestsAreRemembered) {
  settings_.max_remembered_requests_per_user = 2;
  user_.limits.max_play_sessions = 10;
  AdmitRequest asked = play();
  for (const char* id : {"r1", "r2", "r3"}) {
    asked.request_id = id;
    admit(asked);
  }
  EXPECT_TRUE(admit(asked)->repeated);
  asked.request_id = "r1";
  EXPECT_FALSE(admit(asked)->repeated);
}

// --- Blocks

// The user's record is committed before the claim: until then the admission may be undone.
TEST_F(AdmissionTest, AnAdmissionUnderWayIsNeitherRepeatedNorTakenUp) {
  AdmitRequest asked = publish();
  asked.request_id = "r1";
  const AdmissionDecision first = decide(asked);
  ASSERT_TRUE(first.answer);
  user_ = first.record;
  EXPECT_EQ(refused(asked), RefusalReason::kStoreUnavailable);
  EXPECT_EQ(refusal_.retry_after, seconds(1));

  AdmitRequest named = from("m1", publish());
  named.resume_session_id = first.answer->session.id.str();
  EXPECT_EQ(refused(named), RefusalReason::kStoreUnavailable);
  const auto other = decide(from("m1", publish()));
  ASSERT_TRUE(other.answer);
  EXPECT_FALSE(other.answer->resumed);

  claim_ = *first.claim;
  EXPECT_TRUE(admit(asked)->repeated);
}

// Control was killed between the two commits, and meanwhile somebody else has taken the claim.
TEST_F(AdmissionTest, AnAdmissionThatNeverGotItsClaimIsNotRepeatedEither) {
  AdmitRequest asked = publish();
  asked.request_id = "r1";
  user_ = decide(asked).record;
  claim_.epoch = user_.sessions[0].epoch;
  claim_.holder = SessionId(9, 9, 9);
  EXPECT_EQ(refused(asked), RefusalReason::kStoreUnavailable);
  clock_.advance(settings_.start_timeout);
  const auto repeated = admit(asked);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->session.end_reason, EndReason::kStartTimeout);
}

TEST_F(AdmissionTest, ARepeatedAnswerGoesOutAfterWhatItRepeatsIsDurable) {
  AdmitRequest asked = play();
  asked.request_id = "r1";
  ASSERT_TRUE(admit(asked));
  const AdmissionDecision again = decide(asked);
  EXPECT_TRUE(again.answer->repeated);
  EXPECT_TRUE(again.changed);
  EXPECT_TRUE(again.events.empty());
}

TEST_F(AdmissionTest, AKickedUserWaitsOnThatStreamAndKind) {
  const auto admitted = admit(publish());
  apply(kick(user_, admitted->session.id,
             {.session_id = {}, .message = "off", .block_duration = {}, .by = "op"}, context()));
  clock_.advance(seconds{20});
  EXPECT_EQ(refused(publish()), RefusalReason::kUserBlocked);
  EXPECT_EQ(refusal_.retry_after, seconds{40});
  EXPECT_NE(refusal_.message.find("off"), std::string::npos);
  EXPECT_TRUE(admit(play()));
  claim_ = {};
  EXPECT_TRUE(admit(publish("live/two")));
  clock_.advance(seconds{40});
  claim_ = {};
  EXPECT_TRUE(admit(publish()));
}

TEST_F(AdmissionTest, BlocksOfTwoKindsStandSideBySideAndTheLongestCounts) {
  const auto player = admit(play());
  const auto publisher = admit(publish());
  for (const auto& session : {player->session, publisher->session}) {
    apply(kick(user_, session.id, {.session_id = {}, .message = {}, .block_duration = {}, .by = {}},
               context()));
  }
  EXPECT_EQ(refused(play()), RefusalReason::kUserBlocked);
  EXPECT_EQ(refused(publish()), RefusalReason::kUserBlocked);
  const auto another = admit(play("live/two"));
  apply(kick(
      user_, another->session.id,
      {.session_id = {}, .message = {}, .block_duration = seconds{5}, .whole_user = true, .by = {}},
      context()));
  EXPECT_EQ(refused(play()), RefusalReason::kUserBlocked);
  EXPECT_EQ(refusal_.retry_after, settings_.kick_block);

  const auto lifted = unblock(user_, "live/one", context());
  EXPECT_EQ(*lifted.answer, 2);
  user_ = lifted.record;
  EXPECT_EQ(refused(play()), RefusalReason::kUserBlocked) << "from everything, still";
  EXPECT_EQ(refusal_.retry_after, seconds{5});
}

TEST_F(AdmissionTest, AWholeUserMayBeKeptOut) {
  const auto admitted = admit(play());
  apply(kick(user_, admitted->session.id,
             {.session_id = {},
              .message = {},
              .block_duration = minutes{5},
              .whole_user = true,
              .by = "op"},
             context()));
  EXPECT_EQ(refused(publish("live/other")), RefusalReason::kUserBlocked);
  EXPECT_EQ(refusal_.retry_after, minutes{5});
}

// --- Adoption

TEST_F(AdmissionTest, MediaTakesUpWhatAnApplicationAdmittedAhead) {
  const auto ahead = admit(publish());
  const auto media = admit(from("m1", publish()));
  ASSERT_TRUE(media);
  EXPECT_TRUE(media->resumed);
  EXPECT_EQ(media->session.id, ahead->session.id);
  EXPECT_EQ(media->session.epoch, ahead->session.epoch + 1);
  EXPECT_EQ(media->session.instance_id(), "m1");
  EXPECT_EQ(claim_.epoch, 2);
  EXPECT_EQ(live(), 1U);
  EXPECT_TRUE(notices_.empty());
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].type, EventType::kResumed);
}

TEST_F(AdmissionTest, AnInterruptedPublisherComesBackElsewhere) {
  const auto first = admit(from("m1", publish()));
  user_.find(first->session.id)->media =
      std::make_shared<const MediaSummary>(MediaSummary{.video_codec = "h264"});
  interrupt(first->session);
  clock_.advance(seconds{29});
  const auto back = admit(from("m2", publish()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->session.id, first->session.id);
  EXPECT_EQ(back->session.state, SessionState::kActive);
  EXPECT_EQ(back->session.epoch, 2);
  EXPECT_TRUE(back->session.media) << "until the new connection says what it brings";
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_EQ(notices_[0].instance_id, "m1");
  EXPECT_EQ(notices_[0].epoch, 1);
  EXPECT_EQ(notices_[0].reason, EndReason::kMoved);

  // The old connection's words count no more.
  const auto stale = report(user_,
                            {.session = first->session.id,
                             .epoch = 1,
                             .kind = SessionReport::Kind::kCompleted,
                             .instance_id = "m1",
                             .incarnation = "m1's",
                             .message = {}},
                            context());
  ASSERT_FALSE(stale.answer);
  EXPECT_EQ(stale.answer.error().reason, RefusalReason::kStaleEpoch);
  EXPECT_FALSE(stale.changed);
}

TEST_F(AdmissionTest, APublisherThatWasAskedToMoveNeedsNoSecondSlot) {
  const auto first = admit(from("m1", publish()));
  EXPECT_EQ(refused(from("m2", publish())), RefusalReason::kStreamAlreadyPublished);
  apply(ask_to_move(user_, first->session.id, holder_digest("m1", "m1's"), context()));
  const auto moved = admit(from("m2", publish()));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->session.id, first->session.id);
  EXPECT_EQ(moved->session.epoch, 2);
  EXPECT_EQ(live(), 1U);
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_EQ(notices_[0].instance_id, "m1");
  EXPECT_EQ(notices_[0].reason, EndReason::kMoved);
  EXPECT_EQ(refused(from("m1", publish())), RefusalReason::kStreamAlreadyPublished)
      << "it was asked once";
}

TEST_F(AdmissionTest, EachLostPlayerTakesUpOneSession) {
  const auto one = admit(from("m1", play()));
  const auto two = admit(from("m1", play()));
  interrupt(one->session);
  interrupt(two->session);
  EXPECT_EQ(admit(from("m2", play()))->session.id, one->session.id);
  EXPECT_EQ(admit(from("m2", play()))->session.id, two->session.id);
  EXPECT_FALSE(admit(from("m2", play()))->resumed);
  EXPECT_EQ(live(), 3U);
}

TEST_F(AdmissionTest, AnApplicationTakesUpOnlyWhatIsInterrupted) {
  const auto ahead = admit(play());
  EXPECT_FALSE(admit(play())->resumed);

  const auto live_stream = admit(from("m1", publish()));
  interrupt(live_stream->session);
  clock_.advance(seconds{25});
  const auto resumed = admit(publish());
  ASSERT_TRUE(resumed);
  EXPECT_TRUE(resumed->resumed);
  EXPECT_EQ(resumed->session.epoch, 1);
  EXPECT_EQ(claim_.epoch, 1);
  // It has the time of a start to come, and media may still take it up.
  EXPECT_EQ(resumed->session.lease.deadline - clock_.now().steady, seconds{20});
  EXPECT_EQ(admit(from("m2", publish()))->session.epoch, 2);
}

TEST_F(AdmissionTest, APlayerDoesNotTakeUpAPublishersSession) {
  const auto publisher = admit(from("m1", publish()));
  interrupt(publisher->session);
  const auto player = admit(from("m1", play()));
  ASSERT_TRUE(player);
  EXPECT_FALSE(player->resumed);
  EXPECT_NE(player->session.id, publisher->session.id);
}

TEST_F(AdmissionTest, APlayersOldConnectionAtTheSameInstanceIsThatInstancesBusiness) {
  const auto player = admit(from("m1", play()));
  interrupt(player->session);
  ASSERT_TRUE(admit(from("m1", play()))->resumed);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(AdmissionTest, AdoptionNeedsNoSlot) {
  user_.limits.max_play_sessions = 1;
  const auto first = admit(from("m1", play()));
  EXPECT_EQ(refused(from("m1", play())), RefusalReason::kSessionLimitReached);
  interrupt(first->session);
  EXPECT_TRUE(admit(from("m1", play())));
}

TEST_F(AdmissionTest, ANamedSessionIsTakenUpWhileItsOldConnectionStands) {
  const auto first = admit(from("m1", play()));
  AdmitRequest named = from("m2", play());
  named.resume_session_id = first->session.id.str();
  const auto resumed = admit(named);
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->session.id, first->session.id);
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_EQ(notices_[0].reason, EndReason::kMoved);
}

TEST_F(AdmissionTest, WhyANamedSessionIsNotTakenUp) {
  const auto first = admit(from("m1", play()));
  AdmitRequest named = from("m1", play("live/two"));
  named.resume_session_id = first->session.id.str();
  EXPECT_EQ(refused(named), RefusalReason::kStreamMismatch);

  named = from("m1", publish());
  named.resume_session_id = first->session.id.str();
  EXPECT_EQ(refused(named), RefusalReason::kInvalidState);

  named = from("m1", play());
  named.resume_session_id = "no-such-session";
  EXPECT_EQ(refused(named), RefusalReason::kSessionNotFound);

  named.resume_session_id = SessionId(2, 2, 2).str();
  foreign_ = {SessionId(2, 2, 2)};
  EXPECT_EQ(refused(named), RefusalReason::kUserMismatch);

  apply(release(user_, first->session.id, context()));
  named.resume_session_id = first->session.id.str();
  EXPECT_EQ(refused(named), RefusalReason::kSessionEnded);
  EXPECT_EQ(refusal_.end_reason, EndReason::kReleased);
}

// --- The claim

class TakeoverTest : public AdmissionTest {
 protected:
  // Somebody else publishes the stream.
  void bob_publishes(bool interrupted) {
    Session session;
    session.id = SessionId(9, 9, 9);
    session.kind = SessionKind::kPublish;
    session.epoch = 5;
    session.texts = PackedTexts({.stream_id = "live/one", .instance_id = "m9"});
    session.lease.holder = holder_digest("m9", "m9's");
    open(session, context());
    step(session, SessionInput::kTouch, context());
    if (interrupted) step(session, SessionInput::kInterrupt, context());
    foreign_holder_ = session;
    claim_.epoch = 5;
    claim_.holder = session.id;
    claim_.holder_user = Text("bob");
  }
};

TEST_F(TakeoverTest, AnotherUsersStreamIsTakenOnlyWhenStale) {
  struct Case {
    PublishTakeover policy;
    bool interrupted;
    bool taken;
  };
  const Case cases[] = {
      {PublishTakeover::kNever, false, false},    {PublishTakeover::kNever, true, false},
      {PublishTakeover::kStale, false, false},    {PublishTakeover::kStale, true, true},
      {PublishTakeover::kSameUser, false, false}, {PublishTakeover::kSameUser, true, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(static_cast<int>(c.policy) * 10 + static_cast<int>(c.interrupted));
    settings_.publish_takeover = c.policy;
    bob_publishes(c.interrupted);
    const AdmissionDecision decision = decide(from("m1", publish()));
    EXPECT_EQ(decision.answer.has_value(), c.taken);
    EXPECT_EQ(decision.ends_foreign_holder, c.taken);
    if (c.taken) {
      EXPECT_EQ(decision.claim->epoch, 6);
    } else {
      EXPECT_EQ(decision.answer.error().reason, RefusalReason::kStreamAlreadyPublished);
      EXPECT_GT(decision.answer.error().retry_after, Duration{0});
      EXPECT_FALSE(decision.claim);
    }
  }
}

TEST_F(TakeoverTest, AHolderPastItsDeadlineHoldsNothing) {
  settings_.publish_takeover = PublishTakeover::kNever;
  bob_publishes(false);
  clock_.advance(seconds{40});
  const AdmissionDecision decision = decide(publish());
  ASSERT_TRUE(decision.answer);
  EXPECT_FALSE(decision.ends_foreign_holder);
  EXPECT_EQ(decision.claim->epoch, 6);
}

TEST_F(TakeoverTest, TheSameUserTakesOverOnceInThirtySeconds) {
  settings_.publish_takeover = PublishTakeover::kSameUser;
  const auto first = admit(from("m1", publish()));
  const auto second = admit(from("m2", publish()));
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->resumed);
  const Session* old = user_.find(first->session.id);
  EXPECT_EQ(old->end_reason, EndReason::kReplaced);
  EXPECT_EQ(old->texts.view().ended_by, second->session.id.str());
  EXPECT_EQ(live(), 1U);

  clock_.advance(seconds{10});
  EXPECT_EQ(refused(from("m1", publish())), RefusalReason::kStreamAlreadyPublished);
  EXPECT_EQ(refusal_.retry_after, seconds{20});
  // It is alive all the time.
  apply(touch_in_bulk(user_, second->session.id, 0, context()));
  clock_.advance(seconds{20});
  EXPECT_TRUE(admit(from("m1", publish())));
}

TEST_F(TakeoverTest, ATakeoverOfAnInterruptedOneIsNotCounted) {
  settings_.publish_takeover = PublishTakeover::kSameUser;
  claim_.holder = SessionId(1, 99, 99);
  claim_.epoch = 4;
  foreign_holder_.emplace();
  foreign_holder_->id = claim_.holder;
  foreign_holder_->kind = SessionKind::kPublish;
  foreign_holder_->state = SessionState::kActive;
  foreign_holder_->interrupted = true;
  foreign_holder_->texts = PackedTexts({.stream_id = "live/one"});
  ASSERT_TRUE(admit(from("m1", publish())));
  EXPECT_FALSE(claim_.last_takeover);
  EXPECT_TRUE(admit(from("m2", publish())));
  EXPECT_TRUE(claim_.last_takeover);
}

TEST_F(TakeoverTest, AnAnonymousPublisherIsNobodysSelf) {
  settings_.publish_takeover = PublishTakeover::kSameUser;
  user_.user_id = Text("anon:pub:live/one");
  ASSERT_TRUE(admit(from("m1", publish())));
  EXPECT_EQ(refused(from("m2", publish())), RefusalReason::kStreamAlreadyPublished);
}

TEST_F(TakeoverTest, ATakeoverFreesTheSlotItNeeds) {
  settings_.publish_takeover = PublishTakeover::kSameUser;
  user_.limits.max_publish_sessions = 1;
  ASSERT_TRUE(admit(from("m1", publish())));
  EXPECT_TRUE(admit(from("m2", publish())));
}

// --- The limit

TEST_F(AdmissionTest, TheLimitIsPerKind) {
  for (const char* stream : {"live/1", "live/2", "live/3"}) {
    claim_ = {};
    ASSERT_TRUE(admit(publish(stream)));
    ASSERT_TRUE(admit(play(stream)));
  }
  claim_ = {};
  EXPECT_EQ(refused(publish("live/4")), RefusalReason::kSessionLimitReached);
  EXPECT_EQ(refused(play("live/4")), RefusalReason::kSessionLimitReached);
  EXPECT_EQ(refusal_.holders.size(), 3U);
  EXPECT_EQ(refusal_.user_id, "ann");
}

TEST_F(AdmissionTest, WhatIsOverdueHoldsNoSlot) {
  user_.limits.max_play_sessions = 1;
  const auto first = admit(play());
  clock_.advance(seconds{20} - Duration{1});
  EXPECT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
  EXPECT_EQ(refusal_.retry_after, Duration{1});
  clock_.advance(Duration{1});
  ASSERT_TRUE(admit(play()));
  EXPECT_EQ(user_.find(first->session.id)->end_reason, EndReason::kStartTimeout);
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[0].type, EventType::kExpired);
  EXPECT_EQ(events_[1].type, EventType::kAdmitted);
}

class LimitPolicyTest : public AdmissionTest {
 protected:
  // Two players, the older one renewed last.
  void two_players(LimitPolicy policy) {
    user_.limits.max_play_sessions = 2;
    user_.limits.policy = policy;
    older_ = admit(play())->session.id;
    newer_ = admit(play())->session.id;
    apply(touch_in_bulk(user_, newer_, 0, context()));
    clock_.advance(seconds{1});
    apply(touch_in_bulk(user_, older_, 0, context()));
  }
  SessionId older_;
  SessionId newer_;
};

TEST_F(LimitPolicyTest, RejectIsTheDefault) {
  for (const LimitPolicy policy : {LimitPolicy::kDefault, LimitPolicy::kReject}) {
    user_ = {};
    user_.user_id = Text("ann");
    two_players(policy);
    EXPECT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
  }
}

TEST_F(LimitPolicyTest, WhoIsRefusedHearsWhenTheFirstSlotFrees) {
  two_players(LimitPolicy::kReject);
  clock_.advance(seconds{1});
  apply(touch_in_bulk(user_, newer_, 0, context()));
  ASSERT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
  EXPECT_EQ(refusal_.retry_after, settings_.silence_limit() - seconds{1});
}

TEST_F(LimitPolicyTest, TheLongestSilentMakesRoomOnceSilentForTwoPhases) {
  two_players(LimitPolicy::kReplaceIdle);
  clock_.advance(seconds{19} - Duration{1});
  EXPECT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
  clock_.advance(Duration{1});
  ASSERT_TRUE(admit(play()));
  EXPECT_EQ(user_.find(newer_)->end_reason, EndReason::kReplaced);
  EXPECT_TRUE(user_.find(older_)->live());
}

TEST_F(LimitPolicyTest, OfSeveralSilentOnesTheLongestSilentMakesRoom) {
  two_players(LimitPolicy::kReplaceIdle);
  apply(touch_in_bulk(user_, newer_, 0, context()));
  clock_.advance(seconds{1});
  apply(touch_in_bulk(user_, older_, 0, context()));
  clock_.advance(seconds{25});
  ASSERT_TRUE(admit(play()));
  EXPECT_EQ(user_.find(newer_)->end_reason, EndReason::kReplaced);
  EXPECT_TRUE(user_.find(older_)->live());
}

TEST_F(LimitPolicyTest, WhoPausesIsNotIdle) {
  two_players(LimitPolicy::kReplaceIdle);
  apply(touch_in_bulk(user_, newer_, 0, context()));
  apply(touch_in_bulk(user_, older_, 0, context()));
  apply(pause(user_, newer_, context()));
  apply(pause(user_, older_, context()));
  clock_.advance(minutes{1});
  EXPECT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
}

TEST_F(LimitPolicyTest, TheOldestMakesRoom) {
  two_players(LimitPolicy::kReplaceOldest);
  const auto third = admit(play());
  ASSERT_TRUE(third);
  EXPECT_EQ(user_.find(older_)->end_reason, EndReason::kReplaced);
  EXPECT_EQ(user_.find(older_)->texts.view().ended_by, third->session.id.str());
  EXPECT_EQ(live(), 2U);
}

TEST_F(LimitPolicyTest, ALoweredLimitTakesAsManyAsItNeeds) {
  two_players(LimitPolicy::kReplaceOldest);
  user_.limits.max_play_sessions = 1;
  ASSERT_TRUE(admit(play()));
  EXPECT_EQ(live(), 1U);
  user_.limits.max_play_sessions = 0;
  EXPECT_EQ(refused(play()), RefusalReason::kSessionLimitReached);
}

TEST_F(LimitPolicyTest, ShadowAdmitsAndSaysSo) {
  two_players(LimitPolicy::kShadow);
  const auto third = admit(play());
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->beyond_limit);
  EXPECT_EQ(live(), 3U);
}

TEST_F(LimitPolicyTest, NamedSessionsAreReplacedInTheSameStep) {
  two_players(LimitPolicy::kReject);
  AdmitRequest asked = play();
  asked.replace_session_ids = {newer_.str(), newer_.str(), SessionId(1, 77, 77).str()};
  ASSERT_TRUE(admit(asked));
  EXPECT_EQ(user_.find(newer_)->end_reason, EndReason::kReplaced);
  EXPECT_EQ(std::ranges::count(events_, EventType::kReplaced, &SessionEvent::type), 1);
  EXPECT_TRUE(user_.find(older_)->live());
  EXPECT_EQ(live(), 2U);
}

TEST_F(LimitPolicyTest, AnotherUsersSessionIsNotReplaced) {
  two_players(LimitPolicy::kReject);
  AdmitRequest asked = play();
  foreign_ = {SessionId(9, 9, 9)};
  asked.replace_session_ids = {newer_.str(), SessionId(9, 9, 9).str()};
  EXPECT_EQ(refused(asked), RefusalReason::kInvalidField);
  EXPECT_EQ(refusal_.violations.at(0).field, "replace_session_ids");
  EXPECT_TRUE(user_.find(newer_)->live());
}

TEST_F(LimitPolicyTest, ATrialChangesNothing) {
  two_players(LimitPolicy::kReplaceOldest);
  AdmitRequest asked = play();
  asked.validate_only = true;
  const AdmissionDecision decision = decide(asked);
  EXPECT_TRUE(decision.answer);
  EXPECT_FALSE(decision.changed);
  EXPECT_FALSE(decision.claim);
}

// --- The place

TEST_F(AdmissionTest, WhereNobodyEverAttachedThereIsNoRule) {
  EXPECT_TRUE(admit(from("m1", publish()))->route.empty());
  EXPECT_TRUE(admit(play())->route.empty());
}

TEST_F(AdmissionTest, AnInstanceTakesWhatItsStateAllows) {
  struct Case {
    InstanceState state;
    bool cordoned;
    bool publishes;
    bool plays_what_it_holds;
  };
  const Case cases[] = {
      {InstanceState::kStarting, false, true, true},
      {InstanceState::kActive, false, true, true},
      {InstanceState::kActive, true, false, true},
      {InstanceState::kGrace, false, true, true},
      {InstanceState::kDraining, false, false, false},
      {InstanceState::kUnreachable, false, false, false},
      {InstanceState::kStopped, false, false, false},
      {InstanceState::kLost, false, false, false},
  };
  ASSERT_TRUE(admit(from("m1", publish())));
  for (const Case& c : cases) {
    SCOPED_TRACE(static_cast<int>(c.state) * 10 + static_cast<int>(c.cordoned));
    fleet_.instances.clear();
    attach("m2");
    attach("m1", c.state).cordoned = c.cordoned;
    AdmitRequest trial = from("m1", play());
    trial.validate_only = true;
    EXPECT_EQ(decide(trial).answer.has_value(), c.plays_what_it_holds);

    trial = from("m1", publish("live/other"));
    trial.validate_only = true;
    const auto answer = decide(trial).answer;
    EXPECT_EQ(answer.has_value(), c.publishes);
    if (!answer) {
      EXPECT_EQ(answer.error().reason, RefusalReason::kInstanceNotAccepting);
      EXPECT_EQ(answer.error().route.instance_id, "m2");
    }
  }
}

TEST_F(AdmissionTest, AnEarlierIncarnationIsRefused) {
  attach("m1");
  AdmitRequest asked = from("m1", play());
  asked.incarnation = "before";
  EXPECT_EQ(refused(asked), RefusalReason::kStaleIncarnation);
}

TEST_F(AdmissionTest, AnApplicationIsShownTheWay) {
  attach("m1").load.publishers = 5;
  attach("m2").load.publishers = 1;
  attach("m3").cordoned = true;
  attach("m4", InstanceState::kDraining);
  EXPECT_EQ(admit(publish())->route.instance_id, "m2");
  ASSERT_TRUE(admit(from("m1", publish())));
  EXPECT_EQ(admit(play())->route.instance_id, "m1");
  EXPECT_TRUE(admit(play("live/nobody"))->route.empty());
}

TEST_F(AdmissionTest, AFleetWithoutRoomTakesNoPublisher) {
  InstanceRecord& full = attach("m1");
  full.load.publishers = full.load.max_publishers = 1;
  EXPECT_EQ(refused(publish()), RefusalReason::kNoInstanceCapacity);
}

// --- Taking back

TEST_F(AdmissionTest, UndoingLeavesWhatOthersDidMeanwhile) {
  user_.limits.max_play_sessions = 1;
  user_.limits.policy = LimitPolicy::kReplaceOldest;
  const auto old = admit(play());
  const UserRecord before = user_;
  AdmitRequest asked = play();
  asked.request_id = "r1";
  const auto admitted = admit(asked);
  user_.limits.max_publish_sessions = 7;

  const auto decision =
      undo_admission(user_, before, admitted->session.id, EndReason::kFailed, context());
  const UserRecord& undone = decision.record;
  EXPECT_EQ(undone.find(admitted->session.id)->end_reason, EndReason::kFailed);
  // Its admission and the end of what it replaced were told.
  EXPECT_EQ(undone.find(old->session.id)->end_reason, EndReason::kReplaced);
  ASSERT_EQ(decision.events.size(), 1U);
  EXPECT_EQ(decision.events[0].type, EventType::kFailed);
  EXPECT_TRUE(undone.requests.empty());
  EXPECT_EQ(undone.limits.max_publish_sessions, 7);
}

TEST_F(AdmissionTest, UndoingAnAdoptionWaitsForTheNextConnectionAgain) {
  const auto first = admit(from("m1", publish()));
  interrupt(first->session);
  const UserRecord before = user_;
  const auto adopted = admit(from("m2", publish()));
  const auto undone =
      undo_admission(user_, before, adopted->session.id, EndReason::kFailed, context());
  EXPECT_TRUE(undone.record.find(first->session.id)->interrupted);
  EXPECT_EQ(undone.record.find(first->session.id)->epoch, 1);
  ASSERT_EQ(undone.events.size(), 1U);
  EXPECT_EQ(undone.events[0].type, EventType::kInterrupted);
}

TEST_F(AdmissionTest, UndoingLeavesAnEndThatSomebodyElseMade) {
  const UserRecord before = user_;
  const auto admitted = admit(publish());
  KickRequest kicked;
  kicked.block_duration = Duration{0};
  user_ = kick(user_, admitted->session.id, kicked, context()).record;
  const auto undone =
      undo_admission(user_, before, admitted->session.id, EndReason::kFailed, context());
  EXPECT_EQ(undone.record.find(admitted->session.id)->end_reason, EndReason::kKicked);
  EXPECT_TRUE(undone.events.empty());
}

}  // namespace
}  // namespace weir::control::domain
