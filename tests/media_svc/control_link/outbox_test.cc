#include "media_svc/control_link/outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::media::control_link {
namespace {

constexpr WallTime kNow{std::chrono::hours{1}};

SessionKey key(const std::string& id, std::int64_t epoch = 1) { return {id, epoch}; }

void hold(Outbox& outbox, const SessionKey& key) {
  Session session;
  session.session_id = key.session_id;
  session.epoch = key.epoch;
  session.user_id = "ann";
  AdmissionRequest admission;
  admission.credential = "secret";
  outbox.hold(session, admission);
}

std::vector<std::int64_t> sequences(Outbox& outbox) {
  std::vector<std::int64_t> all;
  while (const Outbox::Event* event = outbox.next_event()) all.push_back(event->sequence);
  return all;
}

using Sequences = std::vector<std::int64_t>;
using Ids = std::vector<std::string>;

TEST(OutboxTest, AHeldSessionIsRememberedWithItsUserAndWithoutItsCredential) {
  Outbox outbox;
  hold(outbox, key("a"));
  const auto held = outbox.held_after(nullptr, 10);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]->admission.user_id, "ann");
  EXPECT_EQ(held[0]->admission.credential, "");
}

TEST(OutboxTest, AHoldLastsUntilTheLastConnectionLetsGo) {
  Outbox outbox;
  hold(outbox, key("a"));
  hold(outbox, key("a"));
  outbox.let_go(key("a"));
  EXPECT_TRUE(outbox.holds(key("a")));
  outbox.let_go(key("a"));
  EXPECT_FALSE(outbox.holds(key("a")));
}

TEST(OutboxTest, WhatAnotherConnectionGoesOnWithIsNotGivenBack) {
  Outbox outbox;
  hold(outbox, key("a"));
  hold(outbox, key("a"));
  outbox.give_back(key("a"));
  EXPECT_EQ(outbox.take_releases(), Ids{});
  outbox.give_back(key("a"));
  EXPECT_EQ(outbox.take_releases(), Ids{"a"});
}

TEST(OutboxTest, HeldSessionsComeInBatches) {
  Outbox outbox;
  for (const char* id : {"c", "a", "b"}) hold(outbox, key(id));
  const auto first = outbox.held_after(nullptr, 2);
  ASSERT_EQ(first.size(), 2u);
  const SessionKey last = key_of(first[1]->session);
  EXPECT_EQ(last.session_id, "b");
  const auto second = outbox.held_after(&last, 2);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0]->session.session_id, "c");
}

TEST(OutboxTest, EventsAreSentOnceAndAgainAfterALoss) {
  Outbox outbox;
  hold(outbox, key("a"));
  outbox.report(key("a"), SessionReport::kStarted, kNow);
  outbox.report(key("a"), SessionReport::kCompleted, kNow);
  EXPECT_EQ(sequences(outbox), (Sequences{1, 2}));
  EXPECT_EQ(sequences(outbox), Sequences{});
  outbox.events_taken(1);
  outbox.resend();
  EXPECT_EQ(sequences(outbox), Sequences{2});
  outbox.events_taken(2);
  EXPECT_EQ(outbox.unconfirmed(), 0u);
  outbox.resend();
  EXPECT_EQ(sequences(outbox), Sequences{});
}

TEST(OutboxTest, TheEndOfASessionThatIsLetGoStaysToBeTold) {
  Outbox outbox;
  hold(outbox, key("a"));
  outbox.report(key("a"), SessionReport::kInterrupted, kNow);
  outbox.let_go(key("a"));
  EXPECT_EQ(outbox.unconfirmed(), 1u);
  outbox.report(key("a"), SessionReport::kCompleted, kNow);
  EXPECT_EQ(sequences(outbox), Sequences{1});
}

TEST(OutboxTest, ARenewalIsNotSentAfterTheInterruptionThatFollowedIt) {
  Outbox outbox;
  hold(outbox, key("a"));
  outbox.touch(key("a"));
  outbox.report(key("a"), SessionReport::kInterrupted, kNow);
  EXPECT_EQ(outbox.take_touches(10), Ids{});
  outbox.touch(key("a"));
  EXPECT_EQ(outbox.take_touches(10), Ids{"a"});
}

TEST(OutboxTest, WhatControlEndedIsNeitherRenewedNorReported) {
  Outbox outbox;
  hold(outbox, key("a"));
  outbox.touch(key("a"));
  outbox.ended_by_control("a", 1);
  outbox.touch(key("a"));
  outbox.report(key("a"), SessionReport::kCompleted, kNow);
  EXPECT_EQ(outbox.take_touches(10), Ids{});
  EXPECT_EQ(outbox.unconfirmed(), 0u);
}

TEST(OutboxTest, AnEndMeansThisEpochAndOlderOnes) {
  Outbox outbox;
  hold(outbox, key("a", 1));
  hold(outbox, key("a", 2));
  outbox.ended_by_control("a", 1);
  EXPECT_FALSE(outbox.holds(key("a", 1)));
  EXPECT_TRUE(outbox.holds(key("a", 2)));
  outbox.ended_by_control("a", 0);
  EXPECT_FALSE(outbox.holds(key("a", 2)));
}

TEST(OutboxTest, ASessionIsGivenBackOnceAndAgainAfterALoss) {
  Outbox outbox;
  hold(outbox, key("a"));
  outbox.give_back(key("a"));
  outbox.give_back(key("a"));
  EXPECT_EQ(outbox.take_releases(), Ids{"a"});
  EXPECT_EQ(outbox.take_releases(), Ids{});
  outbox.release_lost("a");
  EXPECT_EQ(outbox.take_releases(), Ids{"a"});
  outbox.release_taken("a");
  EXPECT_EQ(outbox.unconfirmed(), 0u);
}

}  // namespace
}  // namespace weir::media::control_link
