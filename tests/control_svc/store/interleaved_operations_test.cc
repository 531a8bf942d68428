// What two operations make of one session when the second comes between the commits of the first.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::EventType;

// Has a change on disk when the test says so, one at a time.
class HeldJournal final : public Journal {
 public:
  bool accepts() const override { return accepting; }
  void user_changed(const domain::UserRecord& /*record*/, std::vector<domain::Event> events,
                    Reply<Done> reply) override {
    add(std::move(events), std::move(reply));
  }
  void claim_changed(const domain::StreamClaim& /*claim*/, bool /*removed*/,
                     Reply<Done> reply) override {
    add({}, std::move(reply));
  }
  void fleet_changed(const domain::FleetRecord& /*fleet*/, std::vector<domain::Event> events,
                     Reply<Done> reply) override {
    add(std::move(events), std::move(reply));
  }

  // The oldest change; its reply may bring another.
  void write_one() {
    auto change = std::move(changes_.front());
    changes_.pop_front();
    change();
  }
  void write_all() {
    while (!changes_.empty()) write_one();
  }

  std::vector<EventType> told;
  bool accepting = true;

 private:
  void add(std::vector<domain::Event> events, Reply<Done> reply) {
    changes_.emplace_back([this, events = std::move(events), reply = std::move(reply)] {
      for (const domain::Event& event : events) {
        told.push_back(std::get<domain::SessionEvent>(event).type);
      }
      if (reply) reply(Done{});
    });
  }

  std::deque<std::function<void()>> changes_;
};

class InterleavedOperations : public testing::Test {
 protected:
  using Admitted = std::optional<domain::Outcome<domain::AdmitAnswer>>;

  // The answer comes when the journal has it.
  void admit(const domain::AdmitRequest& request, Admitted& answer) {
    operations_.admit(request, clock_.now(), [&](auto outcome) { answer = std::move(outcome); });
  }
  void kick(const domain::SessionId& session) {
    domain::KickRequest kick;
    kick.session_id = session.str();
    kick.whole_user = true;
    operations_.kick(kick, clock_.now(), [](const auto&) {});
  }
  void report(const domain::Session& session, domain::SessionReport::Kind kind) {
    operations_.report({.session = session.id,
                        .epoch = session.epoch,
                        .kind = kind,
                        .instance_id = "media-0",
                        .incarnation = "1",
                        .message = {},
                        .media = {}},
                       clock_.now(), [](const auto&) {});
    journal_.write_all();
  }
  // The holder has media of it again.
  std::vector<domain::TouchFailure> renew(const domain::SessionId& session) {
    std::optional<std::vector<domain::TouchFailure>> failures;
    operations_.touch_many({session}, domain::holder_digest("media-0", "1"), clock_.now(),
                           [&](auto outcome) { failures = *std::move(outcome); });
    journal_.write_all();
    return failures.value();
  }
  void expire() {
    operations_.expire_due(clock_.now(), 1000, [](std::size_t) {});
    journal_.write_all();
  }
  // The only session that the user has on record.
  domain::SessionId session_of(std::string_view user) {
    domain::SessionId id;
    store_.load_user(user, [&](const auto& loaded) { id = loaded->record.sessions.at(0).id; });
    return id;
  }

  std::vector<domain::EndNotice> ended_;
  HeldJournal journal_;
  MemoryStore store_{journal_};
  FakeClock clock_;
  SessionOperations operations_{
      store_,
      {},
      [this](const domain::EndNotice& notice) { ended_.push_back(notice); },
      SteadyTime::min(),
      std::make_unique<CountedIds>()};
};

TEST_F(InterleavedOperations, WhatIsKickedWhileItIsTakenUpIsNotAdmitted) {
  domain::AdmitRequest request = request_of(domain::SessionKind::kPublish, "ann");
  Admitted ahead;
  admit(request, ahead);
  journal_.write_all();
  ASSERT_TRUE(ahead && *ahead);

  request.instance_id = "media-0";
  request.incarnation = "1";
  Admitted taken_up;
  admit(request, taken_up);
  kick((*ahead)->session.id);
  journal_.write_all();

  ASSERT_TRUE(taken_up);
  ASSERT_FALSE(*taken_up);
  EXPECT_EQ(taken_up->error().reason, domain::RefusalReason::kSessionEnded);
  EXPECT_EQ(taken_up->error().end_reason, domain::EndReason::kKicked);
  EXPECT_EQ(journal_.told,
            (std::vector{EventType::kAdmitted, EventType::kResumed, EventType::kKicked}));
}

TEST_F(InterleavedOperations, WhatIsKickedWhileItIsAdmittedWasAdmittedBefore) {
  Admitted admitted;
  admit(request_of(domain::SessionKind::kPublish, "ann"), admitted);
  kick(session_of("ann"));
  journal_.write_all();

  ASSERT_TRUE(admitted);
  ASSERT_FALSE(*admitted);
  EXPECT_EQ(admitted->error().end_reason, domain::EndReason::kKicked);
  EXPECT_EQ(journal_.told, (std::vector{EventType::kAdmitted, EventType::kKicked}));
}

TEST_F(InterleavedOperations, OfTwoNewPublishersOneIsTakenBackAndItsEndIsTold) {
  Admitted first;
  Admitted second;
  admit(request_of(domain::SessionKind::kPublish, "ann"), first);
  admit(request_of(domain::SessionKind::kPublish, "bob"), second);
  journal_.write_all();

  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*first);
  ASSERT_FALSE(*second);
  EXPECT_EQ(second->error().reason, domain::RefusalReason::kStreamAlreadyPublished);
  EXPECT_EQ(journal_.told,
            (std::vector{EventType::kAdmitted, EventType::kAdmitted, EventType::kFailed}));
}

// A process that is killed between the two commits leaves the first: with all that it says.
TEST_F(InterleavedOperations, WhatAPublisherReplacesIsToldWithTheCommitThatEndsIt) {
  Admitted watching;
  admit(request_of(domain::SessionKind::kPlay, "ann", "live/other"), watching);
  journal_.write_all();
  ASSERT_TRUE(watching && *watching);

  domain::AdmitRequest request = request_of(domain::SessionKind::kPublish, "ann");
  request.replace_session_ids = {(*watching)->session.id.str()};
  Admitted admitted;
  admit(request, admitted);
  journal_.write_one();
  EXPECT_EQ(journal_.told,
            (std::vector{EventType::kAdmitted, EventType::kReplaced, EventType::kAdmitted}));
  EXPECT_FALSE(admitted) << "the stream is not its own yet";

  journal_.write_all();
  ASSERT_TRUE(admitted);
  EXPECT_TRUE(*admitted);
  EXPECT_EQ(journal_.told.size(), 3U);
}

TEST_F(InterleavedOperations, AnOldHolderWhoseEndTheStoreDidNotTakeEndsLater) {
  domain::AdmitRequest request = request_of(domain::SessionKind::kPublish, "ann");
  request.instance_id = "media-0";
  request.incarnation = "1";
  Admitted old_holder;
  admit(request, old_holder);
  journal_.write_all();
  ASSERT_TRUE(old_holder && *old_holder);
  const domain::Session session = (*old_holder)->session;
  report(session, domain::SessionReport::Kind::kStarted);
  report(session, domain::SessionReport::Kind::kInterrupted);
  expire();

  Admitted successor;
  admit(request_of(domain::SessionKind::kPublish, "bob"), successor);
  journal_.write_one();
  journal_.accepting = false;
  journal_.write_all();
  ASSERT_TRUE(successor);
  ASSERT_TRUE(*successor) << "the stream is its own";
  EXPECT_TRUE(ended_.empty());

  journal_.accepting = true;
  EXPECT_TRUE(renew(session.id).empty());
  clock_.advance(std::chrono::seconds{5});
  expire();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].session, session.id);
  EXPECT_EQ(ended_[0].reason, domain::EndReason::kReplaced);
  const auto failures = renew(session.id);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].end_reason, domain::EndReason::kReplaced);
  EXPECT_EQ(journal_.told.back(), EventType::kReplaced);
}

TEST_F(InterleavedOperations, WhatALosingPublisherHasReplacedStaysEnded) {
  Admitted watching;
  admit(request_of(domain::SessionKind::kPlay, "bob", "live/other"), watching);
  journal_.write_all();
  ASSERT_TRUE(watching && *watching);

  Admitted winner;
  Admitted loser;
  admit(request_of(domain::SessionKind::kPublish, "ann"), winner);
  domain::AdmitRequest request = request_of(domain::SessionKind::kPublish, "bob");
  request.replace_session_ids = {(*watching)->session.id.str()};
  admit(request, loser);
  journal_.write_all();

  ASSERT_TRUE(winner && loser);
  EXPECT_TRUE(*winner);
  ASSERT_FALSE(*loser);
  EXPECT_EQ(loser->error().reason, domain::RefusalReason::kStreamAlreadyPublished);
  EXPECT_EQ(journal_.told,
            (std::vector{EventType::kAdmitted, EventType::kAdmitted, EventType::kReplaced,
                         EventType::kAdmitted, EventType::kFailed}));
}

}  // namespace
}  // namespace weir::control::store
