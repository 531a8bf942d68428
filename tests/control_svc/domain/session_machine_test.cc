#include "control_svc/domain/session_machine.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace weir::control::domain {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kHolder = "media-1";

// A session brought into one of the table's rows, and the moment at which a column is tried.
class SessionMachine : public testing::Test {
 protected:
  Context context() const { return {settings_, clock_.now()}; }

  Session opened(SessionKind kind) const {
    Session session;
    session.id = SessionId(1, 2, 3);
    session.kind = kind;
    session.epoch = kind == SessionKind::kPublish ? 1 : 0;
    session.texts = PackedTexts({.stream_id = "live/one", .instance_id = kHolder});
    session.lease.holder = holder_digest(kHolder, "i");
    open(session, context());
    return session;
  }

  Session in_row(SessionKind kind, std::string_view row) {
    Session session = opened(kind);
    if (row == "pending") return session;
    if (row == "pending interrupted") {
      step(session, SessionInput::kInterrupt, context());
      return session;
    }
    step(session, SessionInput::kTouch, context());
    if (row == "idle") clock_.advance(settings_.phase);
    if (row == "interrupted") step(session, SessionInput::kInterrupt, context());
    if (row.starts_with("paused")) step(session, SessionInput::kPause, context());
    if (row == "paused interrupted") step(session, SessionInput::kInterrupt, context());
    return session;
  }

  // What a step did, in words: "–", "refused", "renewed", or the event and the state after it.
  std::string outcome(Session& session, SessionInput input) {
    const SessionStep taken = step(session, input, context());
    if (taken.refused) return "refused";
    if (!taken.changed) return "–";
    if (!taken.event) return "renewed";
    static constexpr std::array<std::string_view, 6> kStates{"",     "pending", "active",
                                                             "idle", "paused",  "ended"};
    std::string text(name_of(*taken.event).substr(std::string_view("weir.session.").size()));
    text += " ";
    text +=
        kStates[static_cast<std::size_t>(visible_state(session, settings_, clock_.now().steady))];
    if (session.interrupted) text += "*";
    return text;
  }

  Duration left(const Session& session) const {
    return session.lease.deadline - clock_.now().steady;
  }

  Settings settings_;
  FakeClock clock_;
};

constexpr std::array kInputs{SessionInput::kTouch,       SessionInput::kBulkTouch,
                             SessionInput::kHolderTouch, SessionInput::kStarted,
                             SessionInput::kInterrupt,   SessionInput::kPause,
                             SessionInput::kResume};

struct Row {
  SessionKind kind;
  std::string_view state;
  // In the order of kInputs; * marks a session that waits for its next connection.
  std::array<std::string_view, kInputs.size()> outcomes;
};

constexpr SessionKind kPub = SessionKind::kPublish;
constexpr SessionKind kPlay = SessionKind::kPlay;

// clang-format off
constexpr Row kTable[] = {
  //                            touch               bulk touch        holder's touch    STARTED           interrupt              pause            resume
  {kPub,  "pending",            {"started active",  "started active", "started active", "started active", "interrupted idle*",   "refused",       "refused"}},
  {kPub,  "active",             {"renewed",         "renewed",        "renewed",        "–",              "interrupted idle*",   "refused",       "–"}},
  {kPub,  "idle",               {"renewed",         "renewed",        "renewed",        "–",              "interrupted idle*",   "refused",       "–"}},
  {kPub,  "interrupted",        {"–",               "–",              "resumed active", "resumed active", "–",                   "refused",       "–"}},
  {kPlay, "pending",            {"started active",  "started active", "started active", "started active", "interrupted pending*","refused",       "refused"}},
  {kPlay, "pending interrupted",{"–",               "–",              "started active", "started active", "–",                   "refused",       "refused"}},
  {kPlay, "active",             {"renewed",         "renewed",        "renewed",        "–",              "interrupted active*", "paused paused", "–"}},
  {kPlay, "idle",               {"renewed",         "renewed",        "renewed",        "–",              "interrupted idle*",   "paused paused", "–"}},
  {kPlay, "interrupted",        {"–",               "–",              "resumed active", "resumed active", "–",                   "paused paused*","–"}},
  {kPlay, "paused",             {"continued active","–",              "–",              "–",              "interrupted paused*", "–",             "continued active"}},
  {kPlay, "paused interrupted", {"continued active*","–",             "–",              "–",              "–",                   "–",             "continued active*"}},
};
// clang-format on

TEST_F(SessionMachine, EveryStateMeetsEveryInput) {
  for (const Row& row : kTable) {
    for (std::size_t i = 0; i < kInputs.size(); ++i) {
      SCOPED_TRACE(std::string(row.kind == kPub ? "publish " : "play ") + std::string(row.state) +
                   ", input " + std::to_string(i));
      Session session = in_row(row.kind, row.state);
      EXPECT_EQ(outcome(session, kInputs[i]), row.outcomes[i]);
    }
  }
}

TEST_F(SessionMachine, EveryStateHasItsDeadline) {
  Session pending = opened(kPub);
  EXPECT_EQ(left(pending), seconds{20});
  step(pending, SessionInput::kTouch, context());
  EXPECT_EQ(left(pending), seconds{40});
  clock_.advance(seconds{9});
  step(pending, SessionInput::kInterrupt, context());
  EXPECT_EQ(left(pending), seconds{30});

  Session player = in_row(kPlay, "active");
  clock_.advance(seconds{9});
  step(player, SessionInput::kInterrupt, context());
  EXPECT_EQ(left(player), seconds{31});
  step(player, SessionInput::kPause, context());
  EXPECT_EQ(left(player), minutes{10});
}

TEST_F(SessionMachine, WhyALapsedSessionEnds) {
  struct Case {
    SessionKind kind;
    std::string_view row;
    Duration lives;
    EndReason reason;
  };
  const Case cases[] = {
      {kPlay, "pending", seconds{20}, EndReason::kStartTimeout},
      {kPlay, "active", seconds{40}, EndReason::kExpired},
      {kPlay, "idle", seconds{30}, EndReason::kExpired},
      {kPlay, "interrupted", seconds{40}, EndReason::kExpired},
      {kPlay, "paused", minutes{10}, EndReason::kPauseTimeout},
      {kPub, "interrupted", seconds{30}, EndReason::kExpired},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.row);
    const Session session = in_row(c.kind, c.row);
    clock_.advance(c.lives - Duration{1});
    EXPECT_FALSE(overdue(session, clock_.now().steady));
    clock_.advance(Duration{1});
    EXPECT_TRUE(overdue(session, clock_.now().steady));
    EXPECT_EQ(lapse_reason(session), c.reason);
    EXPECT_EQ(visible_state(session, settings_, clock_.now().steady), SessionState::kEnded);
  }
}

TEST_F(SessionMachine, WhatIsRenewedInTimeOrAboutToStartOutlivesASilence) {
  for (const int phases : {1, 3}) {
    for (const seconds start : {seconds{7}, seconds{20}}) {
      SCOPED_TRACE(testing::Message() << phases << " phases, start " << start.count());
      settings_.idle_phases = phases;
      settings_.start_timeout = start;
      const Session renewed = in_row(kPub, "active");
      // As long ago as it may be when the silence begins.
      clock_.advance(settings_.touch_interval());
      const Session pending = opened(kPub);
      clock_.advance(settings_.outlived_silence() - Duration{1});
      EXPECT_FALSE(overdue(renewed, clock_.now().steady));
      EXPECT_FALSE(overdue(pending, clock_.now().steady));
      clock_.advance(Duration{1});
      EXPECT_TRUE(overdue(renewed, clock_.now().steady) || overdue(pending, clock_.now().steady));
    }
  }
}

TEST_F(SessionMachine, ACutByADrainIsTheReasonOnlyWhileInterrupted) {
  Session session = in_row(kPub, "interrupted");
  session.cut_by_drain = true;
  EXPECT_EQ(lapse_reason(session), EndReason::kDrainDeadline);
  step(session, SessionInput::kHolderTouch, context());
  EXPECT_EQ(lapse_reason(session), EndReason::kExpired);
}

TEST_F(SessionMachine, NoSessionOutlivesItsGreatestDuration) {
  settings_.max_publish_duration = minutes{1};
  Session session = opened(kPub);
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(overdue(session, clock_.now().steady));
    step(session, SessionInput::kTouch, context());
    clock_.advance(seconds{10});
  }
  EXPECT_TRUE(overdue(session, clock_.now().steady));
  EXPECT_EQ(lapse_reason(session), EndReason::kMaxDuration);
}

TEST_F(SessionMachine, NothingExpiresWhileHeldAfterARestart) {
  Session session = opened(kPlay);
  const SteadyTime hold = clock_.now().steady + seconds{30};
  rearm(session, {settings_, clock_.now(), hold});
  EXPECT_EQ(left(session), seconds{30});
  step(session, SessionInput::kTouch, {settings_, clock_.now(), hold});
  EXPECT_EQ(left(session), seconds{40});
}

TEST_F(SessionMachine, ARestartGivesEachStateItsFullTimeAgain) {
  Session player = in_row(kPlay, "paused");
  Session publisher = in_row(kPub, "interrupted");
  clock_.advance(seconds{29});
  rearm(player, context());
  rearm(publisher, context());
  EXPECT_EQ(left(player), minutes{10});
  EXPECT_EQ(left(publisher), seconds{30});
  EXPECT_TRUE(publisher.interrupted);
}

TEST_F(SessionMachine, ARestartCountsTheGreatestDurationAnew) {
  Session session = in_row(kPlay, "active");
  session.lease.not_after = kNever;
  settings_.max_play_duration = seconds{15};
  rearm(session, context());
  EXPECT_EQ(left(session), seconds{15});
}

// Of two touches at once the later one may be decided first.
TEST_F(SessionMachine, ATouchNeverMovesTheDeadlineBack) {
  Session session = in_row(kPlay, "active");
  const Now earlier = clock_.now();
  clock_.advance(seconds{1});
  step(session, SessionInput::kTouch, context());
  step(session, SessionInput::kTouch, {settings_, earlier});
  EXPECT_EQ(left(session), settings_.silence_limit());
}

TEST_F(SessionMachine, AdoptionKeepsTheIdAndTakesTheNewConnection) {
  Session session = in_row(kPub, "interrupted");
  adopt(session,
        {.instance_id = "media-2",
         .holder = holder_digest("media-2", "j"),
         .epoch = 2,
         .client = {.client_address = "192.0.2.1"}},
        context());
  EXPECT_EQ(session.id, SessionId(1, 2, 3));
  EXPECT_EQ(session.state, SessionState::kActive);
  EXPECT_FALSE(session.interrupted);
  EXPECT_EQ(session.epoch, 2);
  EXPECT_EQ(session.stream_id(), "live/one");
  EXPECT_EQ(session.instance_id(), "media-2");
  EXPECT_EQ(session.texts.view().client_address, "192.0.2.1");
  EXPECT_EQ(left(session), seconds{40});
}

TEST_F(SessionMachine, WhatNeverStartedStillHasToAfterItsAdoption) {
  Session session = in_row(kPlay, "pending");
  clock_.advance(seconds{15});
  adopt(session, {.instance_id = "media-2", .holder = 7, .client = {}}, context());
  EXPECT_EQ(session.state, SessionState::kPending);
  EXPECT_EQ(left(session), seconds{20});
}

TEST_F(SessionMachine, TheEndIsKeptForItsTombstone) {
  Session session = in_row(kPlay, "active");
  end(session,
      {.reason = EndReason::kKicked, .time = clock_.now().wall, .by = "operator", .message = "bye"},
      context());
  EXPECT_FALSE(session.live());
  EXPECT_FALSE(overdue(session, clock_.now().steady + minutes{20}));
  EXPECT_EQ(session.end_reason, EndReason::kKicked);
  EXPECT_EQ(session.ended, clock_.now().wall);
  EXPECT_EQ(session.texts.view().ended_by, "operator");
  EXPECT_EQ(session.texts.view().message, "bye");
  EXPECT_EQ(session.stream_id(), "live/one");
  EXPECT_EQ(left(session), minutes{10});
}

TEST_F(SessionMachine, DoesNotEndBeforeItsAdmissionThoughTheWallClockWentBack) {
  Session session = in_row(kPlay, "active");
  clock_.jump_wall(-minutes{60});
  end(session, {.reason = EndReason::kReleased, .time = clock_.now().wall}, context());
  EXPECT_EQ(session.ended, session.created);
}

}  // namespace
}  // namespace weir::control::domain
