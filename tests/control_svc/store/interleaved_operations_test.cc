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
  bool accepts() const override { return true; }
  void user_changed(const domain::UserRecord& /*record*/, std::vector<domain::Event> events,
                    Reply<Done> reply) override {
    add(std::move(events), std::move(reply));
  }
  void claim_changed(const domain::StreamClaim& /*claim*/, bool /*removed*/,
                     std::vector<domain::Event> events, Reply<Done> reply) override {
    add(std::move(events), std::move(reply));
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

TEST(InterleavedOperations, WhatIsKickedWhileItIsTakenUpIsNotAdmitted) {
  HeldJournal journal;
  MemoryStore store(journal);
  const FakeClock clock;
  SessionOperations operations(
      store, {}, [](const domain::EndNotice&) {}, SteadyTime::min(),
      std::make_unique<CountedIds>());
  domain::AdmitRequest request = request_of(domain::SessionKind::kPublish, "ann");
  std::optional<domain::Outcome<domain::AdmitAnswer>> ahead;
  operations.admit(request, clock.now(), [&](auto outcome) { ahead = std::move(outcome); });
  journal.write_all();
  ASSERT_TRUE(ahead && *ahead);

  request.instance_id = "media-0";
  request.incarnation = "1";
  std::optional<domain::Outcome<domain::AdmitAnswer>> taken_up;
  operations.admit(request, clock.now(), [&](auto outcome) { taken_up = std::move(outcome); });
  domain::KickRequest kick;
  kick.session_id = (*ahead)->session.id.str();
  operations.kick(kick, clock.now(), [](const auto&) {});
  journal.write_all();

  ASSERT_TRUE(taken_up);
  ASSERT_FALSE(*taken_up);
  EXPECT_EQ(taken_up->error().reason, domain::RefusalReason::kSessionEnded);
  EXPECT_EQ(taken_up->error().end_reason, domain::EndReason::kKicked);
  EXPECT_EQ(journal.told,
            (std::vector{EventType::kAdmitted, EventType::kResumed, EventType::kKicked}));
}

}  // namespace
}  // namespace weir::control::store
