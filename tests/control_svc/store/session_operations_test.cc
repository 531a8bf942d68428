#include "control_svc/store/session_operations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "control_svc/store/deadline_wheel.h"
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

TEST(SessionOperations, ABurstIsDealtWithInPiecesInTheOrderOfItsUsers) {
  OperationsFixture weir;
  for (const char* user : {"eve", "bob", "dan", "ann", "cat"}) ASSERT_TRUE(weir.admit(play(user)));
  weir.clock.advance(seconds{21});
  weir.events.clear();
  std::vector<std::size_t> pieces;
  for (int piece = 0; piece < 4; ++piece) {
    weir.operations.expire_due(weir.clock.now(), 2,
                               [&pieces](std::size_t count) { pieces.push_back(count); });
  }
  EXPECT_EQ(pieces, (std::vector<std::size_t>{2, 2, 1, 0}));
  std::vector<std::string> ended;
  for (const auto& event : weir.events) ended.push_back(event.user_id.str());
  std::ranges::sort(ended.begin(), ended.begin() + 2);
  std::ranges::sort(ended.begin() + 2, ended.begin() + 4);
  EXPECT_EQ(ended, (std::vector<std::string>{"ann", "bob", "cat", "dan", "eve"}));
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

TEST(SessionOperations, ALostInstancesSessionsWaitForTheirNextConnection) {
  OperationsFixture weir;
  domain::AdmitRequest asked = publish("ann");
  asked.instance_id = "m1";
  asked.incarnation = "i";
  const auto stream = weir.admit(asked);
  asked = play("bob");
  asked.instance_id = "m2";
  const auto other = weir.admit(asked);
  std::size_t interrupted = 0;
  weir.operations.interrupt({{domain::holder_digest("m1", "i"), false}}, weir.clock.now(),
                            [&](std::size_t count) { interrupted = count; });
  EXPECT_EQ(interrupted, 1U);
  EXPECT_TRUE(weir.get(stream->session.id)->session.interrupted);
  EXPECT_FALSE(weir.get(other->session.id)->session.interrupted);
}

TEST(SessionOperations, WhatControlForgotComesBackFromItsHolder) {
  OperationsFixture before;
  domain::AdmitRequest asked = publish("ann");
  asked.instance_id = "m1";
  const domain::SessionId id = before.admit(asked)->session.id;

  OperationsFixture weir;
  const domain::HeldSession held{.session = id, .epoch = 1, .admission = asked};
  for (const bool repeated : {false, true}) {
    const auto answer = OperationsFixture::answer_of<domain::AdmitAnswer>(
        [&](auto done) { weir.operations.assert_held(held, weir.clock.now(), std::move(done)); });
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->repeated, repeated);
  }
  EXPECT_EQ(weir.get(id)->session.state, SessionState::kActive);
  EXPECT_EQ(weir.admit(publish("bob")).error().reason, RefusalReason::kStreamAlreadyPublished);
}

TEST(SessionOperations, AStaleStreamTakenOverEndsItsOldHolder) {
  OperationsFixture weir;
  domain::AdmitRequest asked = publish("ann");
  asked.instance_id = "m1";
  const auto ann = weir.admit(asked);
  weir.operations.interrupt({{domain::holder_digest("m1", ""), false}}, weir.clock.now(),
                            [](std::size_t) {});
  const auto bob = weir.admit(publish("bob"));
  ASSERT_TRUE(bob);
  EXPECT_EQ(bob->session.epoch, 2);
  const auto ended = weir.get(ann->session.id);
  EXPECT_EQ(ended->session.end_reason, domain::EndReason::kReplaced);
  EXPECT_EQ(ended->session.texts.view().ended_by, bob->session.id.str());
  ASSERT_EQ(weir.notices.size(), 1U);
  EXPECT_EQ(weir.notices[0].instance_id, "m1");
}

TEST(SessionOperations, AClaimIsForgottenOnceNobodyCanComeBackToIt) {
  OperationsFixture weir;
  const auto admitted = weir.admit(publish("ann"));
  ASSERT_TRUE(admitted);
  ASSERT_TRUE(weir.release(admitted->session.id));
  const auto known = [&weir] {
    Version version = 0;
    weir.store.load_claim("live/one", [&](const auto& claim) { version = claim->version; });
    return version != 0;
  };
  weir.expire();
  EXPECT_TRUE(known());
  weir.clock.advance(weir.operations.settings().tombstone + DeadlineWheel::kTick);
  weir.expire();
  EXPECT_FALSE(known());
}

TEST(SessionOperations, AnotherUsersSessionIsNeitherReplacedNorResumed) {
  OperationsFixture weir;
  const auto anns = weir.admit(play("ann"));
  ASSERT_TRUE(anns);
  AdmitRequest asked = play("bob");
  asked.replace_session_ids = {anns->session.id.str()};
  const auto replacing = weir.admit(asked);
  ASSERT_FALSE(replacing);
  EXPECT_EQ(replacing.error().reason, RefusalReason::kInvalidField);
  asked.replace_session_ids.clear();
  asked.resume_session_id = anns->session.id.str();
  const auto resuming = weir.admit(asked);
  ASSERT_FALSE(resuming);
  EXPECT_EQ(resuming.error().reason, RefusalReason::kUserMismatch);
  EXPECT_EQ(weir.get(anns->session.id)->session.state, SessionState::kPending);
}

TEST(SessionOperations, ATouchByAnotherInstanceIsToldThatItsSessionMoved) {
  OperationsFixture weir;
  AdmitRequest asked = play("ann");
  asked.instance_id = "m1";
  const auto admitted = weir.admit(asked);
  ASSERT_TRUE(admitted);
  const auto failures = weir.touch_many({admitted->session.id}, domain::holder_digest("m2", ""));
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_TRUE(failures[0].found);
  EXPECT_EQ(failures[0].end_reason, domain::EndReason::kMoved);
  EXPECT_EQ(weir.get(admitted->session.id)->session.state, SessionState::kPending);
}

TEST(SessionOperations, WhatADrainsDeadlineCutSaysSoWhenItsPublisherStaysAway) {
  OperationsFixture weir;
  AdmitRequest asked = publish("ann");
  asked.instance_id = "m1";
  const auto admitted = weir.admit(asked);
  ASSERT_TRUE(admitted);
  weir.operations.interrupt({{domain::holder_digest("m1", ""), true}}, weir.clock.now(),
                            [](std::size_t) {});
  weir.clock.advance(weir.operations.settings().publish_reconnect_grace);
  EXPECT_EQ(weir.get(admitted->session.id)->session.end_reason, domain::EndReason::kDrainDeadline);
}

TEST(SessionOperations, PagesShowEachSessionOnceWhileOthersComeAndGo) {
  OperationsFixture weir;
  std::vector<domain::SessionId> stay;
  std::vector<domain::SessionId> go;
  for (int i = 0; i < 60; ++i) {
    stay.push_back(weir.admit(play("stays-" + std::to_string(i)))->session.id);
    go.push_back(weir.admit(play("goes-" + std::to_string(i)))->session.id);
  }
  domain::SessionFilter filter;
  filter.page_size = 7;
  std::vector<domain::SessionId> seen;
  for (std::size_t page = 0; page == 0 || !filter.page_token.empty(); ++page) {
    const auto listed = weir.list(filter);
    ASSERT_TRUE(listed);
    for (const auto& entry : listed->sessions) seen.push_back(entry.session.id);
    filter.page_token = listed->next_page_token;
    if (page < go.size()) weir.release(go[page]);
    weir.admit(play("comes-" + std::to_string(page)));
  }
  for (const domain::SessionId& id : stay) EXPECT_EQ(std::ranges::count(seen, id), 1);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(SessionOperations, FiltersAllHaveToMatchAndBelongToTheirToken) {
  OperationsFixture weir;
  weir.admit(play("ann"));
  weir.admit(publish("ann"));
  const auto released = weir.admit(play("bob"));
  weir.release(released->session.id);

  domain::SessionFilter filter;
  EXPECT_EQ(weir.list(filter)->sessions.size(), 2U);
  filter.user_id = "ann";
  filter.kind = SessionKind::kPublish;
  EXPECT_EQ(weir.list(filter)->sessions.size(), 1U);
  filter = {};
  filter.states = {SessionState::kEnded};
  EXPECT_EQ(weir.list(filter)->sessions.at(0).session.id, released->session.id);

  filter = {};
  filter.page_size = 1;
  const std::string token = weir.list(filter)->next_page_token;
  for (const auto& change : std::vector<std::function<void(domain::SessionFilter&)>>{
           [](auto& other) { other.user_id = "ann"; },
           [](auto& other) { other.stream_id = "live/one"; },
           [](auto& other) { other.instance_id = "m1"; },
           [](auto& other) { other.kind = SessionKind::kPlay; },
           [](auto& other) { other.states = {SessionState::kPending}; }}) {
    domain::SessionFilter other = filter;
    change(other);
    other.page_token = token;
    EXPECT_EQ(weir.list(other).error().violations.at(0).field, "page_token");
  }
  filter.page_token = token;
  EXPECT_EQ(weir.list(filter)->sessions.size(), 1U);
  filter.page_token = "nonsense";
  EXPECT_EQ(weir.list(filter).error().reason, RefusalReason::kInvalidField);
}

TEST(SessionOperations, ListsWhatOneInstanceHolds) {
  OperationsFixture weir;
  AdmitRequest asked = play("ann");
  asked.instance_id = "m1";
  const auto held = weir.admit(asked);
  asked = play("bob");
  asked.instance_id = "m2";
  weir.admit(asked);
  weir.admit(play("eve"));
  domain::SessionFilter filter;
  filter.instance_id = "m1";
  const auto listed = weir.list(filter);
  ASSERT_EQ(listed->sessions.size(), 1U);
  EXPECT_EQ(listed->sessions[0].session.id, held->session.id);
}

}  // namespace
}  // namespace weir::control::store
