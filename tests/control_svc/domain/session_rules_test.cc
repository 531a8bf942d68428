#include "control_svc/domain/session_rules.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Ann with one active session, held by m1.
class SessionRules : public testing::Test {
 protected:
  SessionRules() {
    user_.user_id = Text("ann");
    session_ = add(SessionKind::kPlay, "live/one");
  }

  SessionId add(SessionKind kind, std::string_view stream) {
    Session session;
    ++ids_;
    session.id = SessionId(1, ids_, ids_);
    session.kind = kind;
    session.epoch = kind == SessionKind::kPublish ? 3 : 0;
    session.texts = PackedTexts({.stream_id = stream, .instance_id = "m1"});
    session.lease.holder = holder_digest("m1", "i");
    open(session, context());
    step(session, SessionInput::kTouch, context());
    user_.sessions.push_back(session);
    return session.id;
  }
  Context context() const { return {settings_, clock_.now()}; }
  SessionReport said(const SessionId& id, SessionReport::Kind kind) const {
    return {.session = id,
            .epoch = user_.find(id)->epoch,
            .kind = kind,
            .instance_id = "m1",
            .incarnation = "i",
            .message = {}};
  }
  SessionReport said(const SessionId& id, SessionReport::Kind kind, MediaSummary media) const {
    SessionReport report = said(id, kind);
    report.media = std::make_shared<const MediaSummary>(std::move(media));
    return report;
  }
  template <class Answer>
  RefusalReason refusal_of(const Decision<Answer>& decision) {
    EXPECT_FALSE(decision.changed);
    if (decision.answer) {
      ADD_FAILURE() << "was answered";
      return {};
    }
    return decision.answer.error().reason;
  }

  void apply(Decision<UserSession> decision) {
    ASSERT_TRUE(decision.answer);
    user_ = std::move(decision.record);
  }

  Settings settings_;
  FakeClock clock_;
  UserRecord user_;
  SessionId session_;
  std::uint64_t ids_ = 0;
};

TEST_F(SessionRules, ATouchNamesSessionUserAndStream) {
  EXPECT_TRUE(touch(user_, session_, {{}, "ann", "live/one"}, context()).answer);
  EXPECT_EQ(refusal_of(touch(user_, session_, {{}, "bob", "live/one"}, context())),
            RefusalReason::kUserMismatch);
  EXPECT_EQ(refusal_of(touch(user_, session_, {{}, "ann", "live/two"}, context())),
            RefusalReason::kStreamMismatch);
  EXPECT_EQ(refusal_of(touch(user_, SessionId(1, 9, 9), {{}, "ann", "live/one"}, context())),
            RefusalReason::kSessionNotFound);
}

TEST_F(SessionRules, ALateTouchHearsWhyItEnded) {
  clock_.advance(seconds{40});
  const auto late = touch(user_, session_, {{}, "ann", "live/one"}, context());
  ASSERT_FALSE(late.answer);
  EXPECT_EQ(late.answer.error().reason, RefusalReason::kSessionEnded);
  EXPECT_EQ(late.answer.error().end_reason, EndReason::kExpired);
}

TEST_F(SessionRules, ATouchThatOnlyRenewsNeedNotLast) {
  clock_.advance(seconds{5});
  const auto renewed = touch(user_, session_, {{}, "ann", "live/one"}, context());
  EXPECT_TRUE(renewed.changed);
  EXPECT_FALSE(renewed.lasting);
  apply(pause(user_, session_, context()));
  EXPECT_TRUE(touch(user_, session_, {{}, "ann", "live/one"}, context()).lasting);
}

// So that it need not wait for a commit, nor fail where there can be none.
TEST_F(SessionRules, ATouchLeavesAnotherSessionThatIsOverToTheTicker) {
  add(SessionKind::kPlay, "live/two");
  clock_.advance(seconds{39});
  apply(touch(user_, session_, {{}, "ann", "live/one"}, context()));
  clock_.advance(seconds{1});
  const auto renewed = touch(user_, session_, {{}, "ann", "live/one"}, context());
  EXPECT_TRUE(renewed.changed);
  EXPECT_FALSE(renewed.lasting);
  EXPECT_TRUE(renewed.events.empty());
  apply(renewed);
  const auto ticked = expire(user_, context());
  ASSERT_EQ(ticked.events.size(), 1U);
  EXPECT_EQ(ticked.events[0].type, EventType::kExpired);
}

TEST_F(SessionRules, InBulkOnlyTheHolderRenews) {
  EXPECT_TRUE(touch_in_bulk(user_, session_, holder_digest("m1", "i"), context()).changed);
  EXPECT_TRUE(touch_in_bulk(user_, session_, 0, context()).changed);
  EXPECT_EQ(refusal_of(touch_in_bulk(user_, session_, holder_digest("m2", "i"), context())),
            RefusalReason::kStaleEpoch);
}

TEST_F(SessionRules, WhatItsInstanceReports) {
  struct Case {
    SessionReport::Kind kind;
    EndReason end;
    EventType event;
  };
  const Case cases[] = {
      {SessionReport::Kind::kCompleted, EndReason::kCompleted, EventType::kCompleted},
      {SessionReport::Kind::kFailed, EndReason::kFailed, EventType::kFailed},
      {SessionReport::Kind::kInterrupted, EndReason::kNone, EventType::kInterrupted},
  };
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  for (const Case& c : cases) {
    const auto decision = report(user_, said(stream, c.kind), context());
    ASSERT_TRUE(decision.answer);
    EXPECT_EQ(decision.answer->session.end_reason, c.end);
    ASSERT_EQ(decision.events.size(), 1U);
    EXPECT_EQ(decision.events[0].type, c.event);
    // It knows already.
    EXPECT_TRUE(decision.notices.empty());
  }
}

TEST_F(SessionRules, WhatIsToldLateHappenedWhenItsInstanceSays) {
  const WallTime admitted = user_.find(session_)->created;
  clock_.advance(seconds{30});
  const WallTime now = clock_.now().wall;
  struct Case {
    const char* what;
    std::optional<WallTime> told;
    WallTime recorded;
  };
  const Case cases[] = {
      {"late", now - seconds{20}, now - seconds{20}},
      {"no time", std::nullopt, now},
      {"a clock ahead", now + minutes{60}, now},
      {"a clock behind", now - minutes{60}, admitted},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    SessionReport completed = said(session_, SessionReport::Kind::kCompleted);
    completed.time = c.told;
    const auto ended = report(user_, completed, context());
    EXPECT_EQ(ended.answer->session.ended, c.recorded);
    EXPECT_EQ(ended.events.at(0).time, c.recorded);
    // How long it is remembered counts from now.
    EXPECT_EQ(ended.record.find(session_)->lease.deadline, clock_.now().steady + minutes{10});
  }
}

TEST_F(SessionRules, TheReconnectGraceCountsFromWhenAnInterruptionIsTold) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  clock_.advance(seconds{25});
  SessionReport late = said(stream, SessionReport::Kind::kInterrupted);
  late.time = clock_.now().wall - seconds{20};
  const auto interrupted = report(user_, late, context());
  EXPECT_EQ(interrupted.events.at(0).time, *late.time);
  EXPECT_EQ(interrupted.record.find(stream)->lease.deadline, clock_.now().steady + seconds{30});
}

// What ended by its deadline in the same step did so by control's clock.
TEST_F(SessionRules, AReportsTimeIsItsOwnSessionsAlone) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  clock_.advance(seconds{25});
  ASSERT_TRUE(user_.find(stream) != nullptr);
  user_.find(stream)->lease.deadline += seconds{60};
  clock_.advance(seconds{25});
  SessionReport late = said(stream, SessionReport::Kind::kCompleted);
  late.time = clock_.now().wall - seconds{45};
  const auto ended = report(user_, late, context());
  ASSERT_EQ(ended.events.size(), 2U);
  EXPECT_EQ(ended.events[0].type, EventType::kExpired);
  EXPECT_EQ(ended.events[0].time, clock_.now().wall);
  EXPECT_EQ(ended.events[0].session.ended, clock_.now().wall - seconds{10});
  EXPECT_EQ(ended.events[1].session.ended, *late.time);
}

TEST_F(SessionRules, APublishersMediaIsAsItsInstanceSaidLast) {
  const MediaSummary small{.video_codec = "h264", .width = 640, .height = 360};
  const MediaSummary large{.video_codec = "h264", .width = 1920, .height = 1080};
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  apply(report(user_, said(stream, SessionReport::Kind::kStarted, small), context()));
  EXPECT_EQ(*user_.find(stream)->media, small);

  const auto again = report(user_, said(stream, SessionReport::Kind::kStarted, small), context());
  EXPECT_FALSE(again.changed);
  auto other = report(user_, said(stream, SessionReport::Kind::kStarted, large), context());
  EXPECT_TRUE(other.changed);
  EXPECT_FALSE(other.lasting) << "it describes, and is said again after a restart";
  EXPECT_TRUE(other.events.empty());
  apply(std::move(other));
  EXPECT_EQ(*user_.find(stream)->media, large);

  apply(report(user_, said(stream, SessionReport::Kind::kStarted), context()));
  EXPECT_EQ(*user_.find(stream)->media, large) << "nothing was said of it";
}

TEST_F(SessionRules, ItsMediaGoesWithTheTransitionThatTellsOfIt) {
  const MediaSummary media{.video_codec = "h264", .bytes = 9'000};
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  auto lost = report(user_, said(stream, SessionReport::Kind::kInterrupted, media), context());
  EXPECT_TRUE(lost.lasting);
  ASSERT_EQ(lost.events.size(), 1U);
  ASSERT_TRUE(lost.events[0].session.media);
  EXPECT_EQ(*lost.events[0].session.media, media);
  apply(std::move(lost));
  apply(release(user_, stream, context()));
  EXPECT_FALSE(user_.find(stream)->media) << "what has ended has no media";
}

TEST_F(SessionRules, APlayersMediaIsNotKept) {
  const auto said_so = report(
      user_, said(session_, SessionReport::Kind::kStarted, {.video_codec = "h264"}), context());
  EXPECT_FALSE(said_so.changed);
  EXPECT_FALSE(said_so.answer->session.media);
}

TEST_F(SessionRules, AReportOfAnotherConnectionChangesNothing) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  for (const auto kind : {SessionReport::Kind::kStarted, SessionReport::Kind::kCompleted,
                          SessionReport::Kind::kInterrupted, SessionReport::Kind::kFailed}) {
    SessionReport old_epoch = said(stream, kind);
    old_epoch.epoch = 2;
    EXPECT_EQ(refusal_of(report(user_, old_epoch, context())), RefusalReason::kStaleEpoch);
    SessionReport elsewhere = said(stream, kind);
    elsewhere.instance_id = "m2";
    EXPECT_EQ(refusal_of(report(user_, elsewhere, context())), RefusalReason::kStaleEpoch);
    SessionReport before_restart = said(stream, kind);
    before_restart.incarnation = "h";
    EXPECT_EQ(refusal_of(report(user_, before_restart, context())), RefusalReason::kStaleEpoch);
  }
}

TEST_F(SessionRules, ACutByADrainIsRememberedToTheEnd) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  SessionReport cut = said(stream, SessionReport::Kind::kInterrupted);
  cut.cut_by_drain = true;
  user_ = report(user_, cut, context()).record;
  clock_.advance(seconds{30});
  EXPECT_EQ(look_up(user_, stream, context()).answer->session.end_reason,
            EndReason::kDrainDeadline);
}

TEST_F(SessionRules, AReleaseIsIdempotentAndEndsTheConnection) {
  const auto first = release(user_, session_, context());
  ASSERT_TRUE(first.answer);
  EXPECT_EQ(first.answer->session.end_reason, EndReason::kReleased);
  ASSERT_EQ(first.notices.size(), 1U);
  EXPECT_EQ(first.notices[0].instance_id, "m1");
  const auto second = release(first.record, session_, context());
  EXPECT_TRUE(second.answer);
  EXPECT_FALSE(second.changed);
  EXPECT_TRUE(second.events.empty());
}

TEST_F(SessionRules, AKickEndsAndBlocks) {
  const auto kicked =
      kick(user_, session_, {.session_id = {}, .message = "bye", .block_duration = {}, .by = "op"},
           context());
  ASSERT_TRUE(kicked.answer);
  const SessionTexts texts = kicked.answer->session.texts.view();
  EXPECT_EQ(kicked.answer->session.end_reason, EndReason::kKicked);
  EXPECT_EQ(texts.ended_by, "op");
  EXPECT_EQ(kicked.notices.at(0).message, "bye");
  EXPECT_TRUE(blocked_from(kicked.record, "live/one", SessionKind::kPlay, clock_.now()));
  EXPECT_FALSE(blocked_from(kicked.record, "live/one", SessionKind::kPublish, clock_.now()));
  EXPECT_FALSE(blocked_from(kicked.record, "live/two", SessionKind::kPlay, clock_.now()));

  const auto unblocked = unblock(kicked.record, "live/one", context());
  EXPECT_EQ(*unblocked.answer, 1);
  EXPECT_TRUE(unblocked.record.blocks.empty());
  EXPECT_EQ(*unblock(unblocked.record, "", context()).answer, 0);
}

TEST_F(SessionRules, AKickWithoutABlock) {
  const auto kicked =
      kick(user_, session_,
           {.session_id = {}, .message = {}, .block_duration = Duration{0}, .by = "op"}, context());
  EXPECT_TRUE(kicked.record.blocks.empty());
}

TEST_F(SessionRules, BlocksAreBounded) {
  settings_.max_blocks_per_user = 2;
  for (const char* stream : {"a/1", "a/2", "a/2", "a/3"}) {
    add_block(user_, {.stream_id = Text(stream), .until = kNever, .kind = SessionKind::kPlay},
              settings_);
  }
  ASSERT_EQ(user_.blocks.size(), 2U);
  EXPECT_EQ(user_.blocks[0].stream_id, "a/2");
}

TEST_F(SessionRules, APlayerSwitchesItsStreamInOneStep) {
  const auto switched = switch_stream(user_, session_, {{}, "live/two"}, {}, context());
  ASSERT_TRUE(switched.answer);
  const Session& session = switched.answer->held.session;
  EXPECT_EQ(session.id, session_);
  EXPECT_EQ(session.stream_id(), "live/two");
  // Its connection has to come anew.
  EXPECT_EQ(session.instance_id(), "");
  EXPECT_EQ(session.state, SessionState::kPending);
  ASSERT_EQ(switched.notices.size(), 1U);
  EXPECT_EQ(switched.notices[0].reason, EndReason::kSwitched);
  EXPECT_EQ(switched.events.at(0).type, EventType::kSwitched);

  EXPECT_FALSE(switch_stream(user_, session_, {{}, "live/one"}, {}, context()).changed);
  const SessionId stream = add(SessionKind::kPublish, "live/three");
  EXPECT_EQ(refusal_of(switch_stream(user_, stream, {{}, "live/two"}, {}, context())),
            RefusalReason::kInvalidState);
  add_block(user_, {.stream_id = Text("live/two"), .until = kNever, .kind = SessionKind::kPlay},
            settings_);
  EXPECT_EQ(refusal_of(switch_stream(user_, session_, {{}, "live/two"}, {}, context())),
            RefusalReason::kUserBlocked);
}

TEST_F(SessionRules, PauseAndResumeSayWhatTheyCannotDo) {
  const auto paused = pause(user_, session_, context());
  ASSERT_TRUE(paused.answer);
  EXPECT_EQ(paused.answer->session.state, SessionState::kPaused);
  EXPECT_TRUE(resume(paused.record, session_, context()).answer);
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  const auto refused = pause(user_, stream, context());
  ASSERT_EQ(refusal_of(refused), RefusalReason::kInvalidState);
  EXPECT_EQ(refused.answer.error().message, "only a player that has started can pause");
  const SessionId waiting = add(SessionKind::kPlay, "live/three");
  open(*user_.find(waiting), context());
  const auto nothing_to_resume = resume(user_, waiting, context());
  ASSERT_EQ(refusal_of(nothing_to_resume), RefusalReason::kInvalidState);
  EXPECT_EQ(nothing_to_resume.answer.error().message, "only a paused session can be resumed");
}

TEST_F(SessionRules, AnOverdueSessionIsSeenEndedNeverBeforeItsAdmission) {
  clock_.advance(settings_.silence_limit());
  clock_.jump_wall(-minutes{60});
  const Session seen = as_seen(*user_.find(session_), context());
  EXPECT_EQ(seen.state, SessionState::kEnded);
  EXPECT_EQ(seen.ended, seen.created);
}

TEST_F(SessionRules, OnlyWhatALostInstanceHeldIsInterrupted) {
  EXPECT_TRUE(instance_gone(user_, session_, holder_digest("m1", "i"), false, context()).changed);
  EXPECT_EQ(refusal_of(instance_gone(user_, session_, holder_digest("m1", "h"), false, context())),
            RefusalReason::kStaleEpoch);
}

TEST_F(SessionRules, WhatADrainsDeadlineCutsReadsSoInTheEnd) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  apply(instance_gone(user_, stream, holder_digest("m1", "i"), true, context()));
  EXPECT_TRUE(user_.find(stream)->interrupted);
  clock_.advance(settings_.publish_reconnect_grace);
  const auto ended = look_up(user_, stream, context());
  EXPECT_EQ(ended.answer->session.end_reason, EndReason::kDrainDeadline);
}

TEST_F(SessionRules, OnlyAConnectedPublisherIsAskedToMove) {
  const std::uint32_t holder = holder_digest("m1", "i");
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  const auto asked = ask_to_move(user_, stream, holder, context());
  ASSERT_TRUE(asked.changed);
  EXPECT_TRUE(asked.events.empty()) << "nothing that anybody else would see";
  EXPECT_TRUE(asked.record.find(stream)->moving);
  EXPECT_FALSE(ask_to_move(asked.record, stream, holder, context()).changed);

  EXPECT_EQ(refusal_of(ask_to_move(user_, session_, holder, context())),
            RefusalReason::kInvalidState)
      << "a player";
  EXPECT_EQ(refusal_of(ask_to_move(user_, stream, holder_digest("m2", "i"), context())),
            RefusalReason::kStaleEpoch);
  apply(report(user_, said(stream, SessionReport::Kind::kInterrupted), context()));
  EXPECT_EQ(refusal_of(ask_to_move(user_, stream, holder, context())), RefusalReason::kInvalidState)
      << "interrupted, it is taken up anyway";
}

TEST_F(SessionRules, WhatIsForgottenWhen) {
  user_ = release(user_, session_, context()).record;
  user_.requests.push_back({1, 2, session_, clock_.now().steady + minutes{5}});
  EXPECT_EQ(user_.next_deadline(), clock_.now().steady + minutes{5});
  clock_.advance(minutes{5});
  const auto requests_gone = expire(user_, context());
  EXPECT_TRUE(requests_gone.changed);
  EXPECT_TRUE(requests_gone.events.empty());
  EXPECT_EQ(requests_gone.record.sessions.size(), 1U);
  clock_.advance(minutes{5});
  EXPECT_TRUE(expire(requests_gone.record, context()).record.vacant());
}

TEST_F(SessionRules, TombstonesAreBounded) {
  settings_.max_tombstones_per_user = 2;
  for (int i = 0; i < 3; ++i) {
    const SessionId id = add(SessionKind::kPlay, "live/one");
    user_ = release(user_, id, context()).record;
  }
  user_ = expire(user_, context()).record;
  EXPECT_EQ(user_.sessions.size(), 3U);
  EXPECT_TRUE(user_.find(session_)->live());
  EXPECT_EQ(user_.find(SessionId(1, 2, 2)), nullptr);
}

TEST_F(SessionRules, LimitsChangeFieldByField) {
  user_ = update_limits(user_, {.user_id = "ann", .max_play_sessions = 5}, context()).record;
  EXPECT_EQ(limit_of(user_, SessionKind::kPlay, settings_), 5);
  EXPECT_EQ(limit_of(user_, SessionKind::kPublish, settings_), 3);
  user_ =
      update_limits(user_, {.user_id = "ann", .policy = LimitPolicy::kShadow}, context()).record;
  EXPECT_EQ(limit_of(user_, SessionKind::kPlay, settings_), 5);
  LimitsUpdate unset{.user_id = "ann"};
  unset.max_play_sessions.emplace(std::nullopt);
  user_ = update_limits(user_, unset, context()).record;
  EXPECT_EQ(limit_of(user_, SessionKind::kPlay, settings_), 3);
  EXPECT_EQ(user_.limits.policy, LimitPolicy::kShadow);
  EXPECT_FALSE(update_limits(user_, {.user_id = "ann"}, context()).changed);
}

TEST_F(SessionRules, AClaimStaysAsLongAsItsHolderMayComeBack) {
  const SessionId stream = add(SessionKind::kPublish, "live/two");
  EXPECT_EQ(next_review(user_.find(stream), context()), clock_.now().steady + minutes{10});
  user_ = release(user_, stream, context()).record;
  clock_.advance(minutes{4});
  EXPECT_EQ(next_review(user_.find(stream), context()), clock_.now().steady + minutes{6});
  EXPECT_EQ(next_review(nullptr, context()), std::nullopt);
}

}  // namespace
}  // namespace weir::control::domain
