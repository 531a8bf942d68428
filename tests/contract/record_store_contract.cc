#include "tests/contract/record_store_contract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

namespace weir::control::store {

using domain::Session;
using domain::SessionId;
using domain::StreamClaim;
using domain::Text;
using domain::UserRecord;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

RecordStoreContract::RecordStoreContract()
    : store_(GetParam()([this](std::vector<domain::Event> told) {
        const std::scoped_lock lock(mutex_);
        for (domain::Event& event : told) {
          events_.push_back(std::get<domain::SessionEvent>(std::move(event)));
        }
      })) {}

UserRecord RecordStoreContract::user_with_session(std::string_view user_id,
                                                  std::uint64_t number) const {
  UserRecord user;
  user.user_id = Text(user_id);
  Session session;
  session.id = SessionId(domain::bucket_of(user_id), number, number);
  session.state = domain::SessionState::kActive;
  session.texts = domain::PackedTexts({.stream_id = "live/one", .instance_id = "m1"});
  session.lease = {
      .last_touch = now(), .deadline = now() + seconds{40}, .renew_for_ms = 40'000, .holder = 7};
  user.sessions.push_back(session);
  return user;
}

domain::SessionEvent RecordStoreContract::admitted(const UserRecord& user) {
  return {domain::EventType::kAdmitted, user.user_id, user.sessions.back(), {}};
}

Loaded<UserRecord> RecordStoreContract::load(std::string_view user_id) {
  return *reply_of<Loaded<UserRecord>>(
      [&](auto reply) { store_->load_user(user_id, std::move(reply)); });
}

Loaded<UserRecord> RecordStoreContract::load_owner(const SessionId& id) {
  return *reply_of<Loaded<UserRecord>>(
      [&](auto reply) { store_->load_owner(id, std::move(reply)); });
}

Loaded<StreamClaim> RecordStoreContract::load_claim(std::string_view stream_id) {
  return *reply_of<Loaded<StreamClaim>>(
      [&](auto reply) { store_->load_claim(stream_id, std::move(reply)); });
}

Result<Done, StoreError> RecordStoreContract::commit(UserRecord record, Version expected,
                                                     std::vector<domain::Event> events) {
  return reply_of<Done>([&](auto reply) {
    store_->commit_user({std::move(record), expected, std::move(events)}, std::move(reply));
  });
}

Result<Done, StoreError> RecordStoreContract::commit_claim(StreamClaim claim, Version expected,
                                                           bool remove) {
  return reply_of<Done>([&](auto reply) {
    store_->commit_claim({std::move(claim), expected, remove}, std::move(reply));
  });
}

std::vector<Renewal> RecordStoreContract::renew(std::vector<SessionId> ids, std::uint32_t holder) {
  return *reply_of<std::vector<Renewal>>(
      [&](auto reply) { store_->renew(ids, holder, now(), std::move(reply)); });
}

RecordStore::Due RecordStoreContract::due(std::size_t limit) {
  return *reply_of<RecordStore::Due>(
      [&](auto reply) { store_->due(now(), limit, std::move(reply)); });
}

std::vector<std::string> RecordStoreContract::visited_users() {
  std::vector<std::string> ids;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    const auto visited = reply_of<Done>([&](auto reply) {
      store_->visit_users(
          bucket, [&ids](const UserRecord& user) { ids.push_back(user.user_id.str()); },
          std::move(reply));
    });
    EXPECT_TRUE(visited);
  }
  return ids;
}

std::vector<std::string> RecordStoreContract::visited_claims(std::size_t bucket,
                                                             std::string_view after,
                                                             std::size_t most) {
  std::vector<std::string> streams;
  const auto visited = reply_of<Done>([&](auto reply) {
    store_->visit_claims(
        bucket, after,
        [&](const StreamClaim& claim) {
          streams.push_back(claim.stream_id.str());
          return streams.size() < most;
        },
        std::move(reply));
  });
  EXPECT_TRUE(visited);
  return streams;
}

std::vector<domain::SessionEvent> RecordStoreContract::events() {
  const std::scoped_lock lock(mutex_);
  return events_;
}

namespace {

TEST_P(RecordStoreContract, WhatIsNotThereLoadsEmptyWithVersionZero) {
  const auto user = load("ann");
  EXPECT_EQ(user.version, 0U);
  EXPECT_EQ(user.record.user_id, "ann");
  EXPECT_TRUE(user.record.vacant());
  const auto claim = load_claim("live/one");
  EXPECT_EQ(claim.version, 0U);
  EXPECT_EQ(claim.record.stream_id, "live/one");
  EXPECT_EQ(load_owner(SessionId(1, 2, 3)).version, 0U);
}

TEST_P(RecordStoreContract, AUserIsFoundByNameAndBySession) {
  UserRecord ann = user_with_session("ann", 1);
  ann.limits.max_play_sessions = 5;
  ann.blocks.push_back({Text("live/x"), Text("why"), now() + minutes{1}});
  ann.requests.push_back({11, 12, ann.sessions[0].id, now() + minutes{2}});
  ASSERT_TRUE(commit(ann, 0));
  for (const auto& loaded : {load("ann"), load_owner(ann.sessions[0].id)}) {
    EXPECT_GT(loaded.version, 0U);
    EXPECT_EQ(loaded.record.user_id, "ann");
    ASSERT_EQ(loaded.record.sessions.size(), 1U);
    const Session& session = loaded.record.sessions[0];
    EXPECT_EQ(session.id, ann.sessions[0].id);
    EXPECT_EQ(session.stream_id(), "live/one");
    EXPECT_EQ(session.lease.deadline, now() + seconds{40});
    EXPECT_EQ(loaded.record.limits, ann.limits);
    EXPECT_EQ(loaded.record.blocks.at(0).message, "why");
    EXPECT_EQ(loaded.record.requests.at(0).parameters_digest, 12U);
  }
}

TEST_P(RecordStoreContract, OnlyOneCommitOfAVersionSucceeds) {
  const UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  EXPECT_EQ(commit(ann, 0).error(), StoreError::kConflict);
  const Version version = load("ann").version;
  ASSERT_TRUE(commit(ann, version));
  EXPECT_EQ(commit(ann, version).error(), StoreError::kConflict);

  const StreamClaim claim{
      .stream_id = Text("live/one"), .epoch = 1, .holder = {}, .holder_user = {}};
  ASSERT_TRUE(commit_claim(claim, 0));
  EXPECT_EQ(commit_claim(claim, 0).error(), StoreError::kConflict);
}

TEST_P(RecordStoreContract, AVacantRecordIsGoneAndItsVersionsDoNotReturn) {
  UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  const Version first = load("ann").version;
  const SessionId id = ann.sessions[0].id;
  ann.sessions.clear();
  ASSERT_TRUE(commit(ann, first));
  EXPECT_EQ(load("ann").version, 0U);
  EXPECT_EQ(load_owner(id).version, 0U);
  EXPECT_TRUE(visited_users().empty());
  ASSERT_TRUE(commit(user_with_session("ann", 2), 0));
  EXPECT_NE(load("ann").version, first);
  EXPECT_EQ(load_owner(id).version, 0U);
}

TEST_P(RecordStoreContract, EventsAreToldWithTheirCommitOnly) {
  const UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0, {admitted(ann)}));
  EXPECT_EQ(events().size(), 1U);
  EXPECT_EQ(events()[0].session.id, ann.sessions[0].id);
  EXPECT_FALSE(commit(ann, 0, {admitted(ann)}));
  EXPECT_EQ(events().size(), 1U);
}

TEST_P(RecordStoreContract, ACommitThatNeedNotLastIsACommitAllTheSame) {
  UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  const Version before = load("ann").version;
  ann.sessions[0].lease.deadline = now() + minutes{2};
  const auto renew_only = [&] {
    return reply_of<Done>(
        [&](auto reply) { store_->commit_user({ann, before, {}, false}, std::move(reply)); });
  };
  ASSERT_TRUE(renew_only());
  const auto after = load_owner(ann.sessions[0].id);
  EXPECT_NE(after.version, before);
  EXPECT_EQ(after.record.sessions[0].lease.deadline, now() + minutes{2});
  EXPECT_EQ(renew_only().error(), StoreError::kConflict);
}

TEST_P(RecordStoreContract, ARenewalMovesTheDeadlineAndTheVersion) {
  const UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  const Version before = load("ann").version;
  clock_.advance(seconds{10});
  EXPECT_THAT(renew({ann.sessions[0].id, SessionId(3, 4, 5)}),
              ElementsAre(Renewal::kRenewed, Renewal::kNotFound));
  const auto after = load("ann");
  EXPECT_EQ(after.record.sessions[0].lease.deadline, now() + seconds{40});
  EXPECT_EQ(after.record.sessions[0].lease.last_touch, now());
  // Whoever decided without knowing the renewal decides again.
  EXPECT_EQ(commit(ann, before).error(), StoreError::kConflict);
}

TEST_P(RecordStoreContract, WhatARenewalLeavesToTheRules) {
  UserRecord ann = user_with_session("ann", 1);
  const SessionId id = ann.sessions[0].id;
  domain::Lease& lease = ann.sessions[0].lease;
  const domain::Lease plain = lease;
  struct Case {
    const char* what;
    std::uint32_t holder;
    std::function<void()> change;
    Renewal outcome;
  };
  const Case cases[] = {
      {"held by the asker", 7, [] {}, Renewal::kRenewed},
      {"held by another", 8, [] {}, Renewal::kForRules},
      {"not renewable", 0, [&] { lease.renew_for_ms = 0; }, Renewal::kForRules},
      {"overdue", 0, [&] { lease.deadline = now(); }, Renewal::kForRules},
      {"in its last moment", 0, [&] { lease.deadline = now() + Duration{1}; }, Renewal::kRenewed},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    lease = plain;
    c.change();
    ASSERT_TRUE(commit(ann, load("ann").version));
    EXPECT_THAT(renew({id}, c.holder), ElementsAre(c.outcome));
  }
}

TEST_P(RecordStoreContract, ARenewalStaysWithinTheLeasesBounds) {
  UserRecord ann = user_with_session("ann", 1);
  const SessionId id = ann.sessions[0].id;
  ann.sessions[0].lease.not_after = now() + seconds{45};
  ASSERT_TRUE(commit(ann, 0));
  clock_.advance(seconds{30});
  renew({id});
  EXPECT_EQ(load("ann").record.sessions[0].lease.deadline, now() + seconds{15});
  // A deadline that is later for another reason does not come nearer.
  ann.sessions[0].lease.not_after = domain::kNever;
  ann.sessions[0].lease.deadline = now() + minutes{5};
  ASSERT_TRUE(commit(ann, load("ann").version));
  renew({id});
  EXPECT_EQ(load("ann").record.sessions[0].lease.deadline, now() + minutes{5});
}

TEST_P(RecordStoreContract, WhatIsDueIsListedNeverEarly) {
  ASSERT_TRUE(commit(user_with_session("ann", 1), 0));
  clock_.advance(seconds{40} - milliseconds{1});
  EXPECT_TRUE(due().users.empty());
  // Within the promised hundred milliseconds.
  clock_.advance(milliseconds{50});
  EXPECT_THAT(due().users, ElementsAre(Text("ann")));
  EXPECT_TRUE(due().users.empty());
  // Nobody dealt with it: it comes up again.
  clock_.advance(seconds{5});
  EXPECT_THAT(due().users, ElementsAre(Text("ann")));
}

TEST_P(RecordStoreContract, ARenewedRecordIsNotDue) {
  const UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  for (int i = 0; i < 10; ++i) {
    clock_.advance(seconds{30});
    renew({ann.sessions[0].id});
    EXPECT_TRUE(due().users.empty());
  }
  clock_.advance(seconds{41});
  EXPECT_EQ(due().users.size(), 1U);
}

TEST_P(RecordStoreContract, ACommitMovesTheDeadlineBothWays) {
  UserRecord ann = user_with_session("ann", 1);
  ASSERT_TRUE(commit(ann, 0));
  ann.sessions[0].lease.deadline = now() + seconds{5};
  ASSERT_TRUE(commit(ann, load("ann").version));
  clock_.advance(seconds{6});
  EXPECT_EQ(due().users.size(), 1U);
  ann.sessions[0].lease.deadline = now() + minutes{30};
  ASSERT_TRUE(commit(ann, load("ann").version));
  for (int i = 0; i < 29; ++i) {
    clock_.advance(minutes{1});
    EXPECT_TRUE(due().users.empty());
  }
  clock_.advance(minutes{1} + milliseconds{50});
  EXPECT_EQ(due().users.size(), 1U);
}

TEST_P(RecordStoreContract, TheWorkOfOneSearchIsBounded) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(commit(user_with_session("user-" + std::to_string(i), 1), 0));
  }
  clock_.advance(minutes{1});
  std::vector<Text> all;
  for (int i = 0; i < 10; ++i) {
    const auto some = due(10).users;
    EXPECT_EQ(some.size(), 10U);
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_TRUE(due(10).users.empty());
  std::ranges::sort(all, {}, &Text::view);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_P(RecordStoreContract, ClaimsAreKeptReviewedAndRemoved) {
  const StreamClaim claim{.stream_id = Text("live/one"),
                          .epoch = 4,
                          .holder = SessionId(1, 2, 3),
                          .holder_user = Text("ann"),
                          .review_at = now() + minutes{10}};
  ASSERT_TRUE(commit_claim(claim, 0));
  const auto loaded = load_claim("live/one");
  EXPECT_EQ(loaded.record.epoch, 4);
  EXPECT_EQ(loaded.record.holder, claim.holder);
  EXPECT_EQ(loaded.record.holder_user, "ann");
  EXPECT_TRUE(due().streams.empty());
  clock_.advance(minutes{10} + milliseconds{50});
  EXPECT_THAT(due().streams, ElementsAre(Text("live/one")));
  ASSERT_TRUE(commit_claim(claim, loaded.version, true));
  EXPECT_EQ(load_claim("live/one").version, 0U);
}

TEST_P(RecordStoreContract, ClaimsAreVisitedInTheOrderOfTheirStreams) {
  // Enough that a bucket holds several; in no order.
  constexpr int kStreams = 500;
  for (int i = 0; i < kStreams; ++i) {
    StreamClaim claim;
    claim.stream_id = Text("live/" + std::to_string(i * 7919 % 1000));
    ASSERT_TRUE(commit_claim(std::move(claim), 0));
  }
  std::size_t all = 0;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    const std::vector<std::string> whole = visited_claims(bucket, "");
    all += whole.size();
    EXPECT_TRUE(std::ranges::is_sorted(whole));
    ASSERT_GE(whole.size(), 3U);
    EXPECT_THAT(visited_claims(bucket, whole[0], 2), ElementsAre(whole[1], whole[2]));
    EXPECT_THAT(visited_claims(bucket, whole.back()), IsEmpty());
    // What is gone is not visited, and whoever began after it goes on.
    const auto second = load_claim(whole[1]);
    ASSERT_TRUE(commit_claim(second.record, second.version, true));
    EXPECT_THAT(visited_claims(bucket, "", 2), ElementsAre(whole[0], whole[2]));
    EXPECT_THAT(visited_claims(bucket, whole[1], 1), ElementsAre(whole[2]));
  }
  EXPECT_EQ(all, kStreams);
}

TEST_P(RecordStoreContract, TheFleetIsOneRecord) {
  const auto load_fleet = [&] {
    return *reply_of<Loaded<domain::FleetSnapshot>>(
        [&](auto reply) { store_->load_fleet(std::move(reply)); });
  };
  const auto commit_fleet = [&](const char* instance_id, Version expected) {
    domain::FleetRecord fleet;
    domain::InstanceRecord instance;
    instance.instance_id = instance_id;
    fleet.instances.push_back(std::make_shared<const domain::InstanceRecord>(instance));
    return reply_of<Done>([&](auto reply) {
      store_->commit_fleet({std::make_shared<const domain::FleetRecord>(fleet), expected, {}},
                           std::move(reply));
    });
  };
  const auto empty = load_fleet();
  EXPECT_TRUE(empty.record->instances.empty());
  ASSERT_TRUE(commit_fleet("m1", empty.version));
  EXPECT_EQ(commit_fleet("m2", empty.version).error(), StoreError::kConflict);
  EXPECT_EQ(load_fleet().record->instances.at(0)->instance_id, "m1");
}

TEST_P(RecordStoreContract, LivePlayersAreCountedByStream) {
  const auto players = [&](const char* stream) {
    return reply_of<std::vector<std::size_t>>([&](auto reply) {
             store_->count_players({Text("live/none"), Text(stream)}, std::move(reply));
           })
        ->at(1);
  };
  UserRecord ann = user_with_session("ann", 1);
  UserRecord bob = user_with_session("bob", 2);
  ASSERT_TRUE(commit(ann, 0));
  ASSERT_TRUE(commit(bob, 0));
  EXPECT_EQ(players("live/one"), 2U);
  EXPECT_EQ(players("live/none"), 0U);

  ann.sessions[0].texts = domain::PackedTexts({.stream_id = "live/two"});
  ASSERT_TRUE(commit(ann, load("ann").version));
  EXPECT_EQ(players("live/one"), 1U);
  EXPECT_EQ(players("live/two"), 1U);

  ASSERT_FALSE(commit(ann, 0)) << "a commit that fails counts for nothing";
  bob.sessions[0].state = domain::SessionState::kEnded;
  ASSERT_TRUE(commit(bob, load("bob").version));
  EXPECT_EQ(players("live/one"), 0U);
  bob.sessions.clear();
  ASSERT_TRUE(commit(bob, load("bob").version));
  ann.sessions[0].kind = domain::SessionKind::kPublish;
  ASSERT_TRUE(commit(ann, load("ann").version));
  EXPECT_EQ(players("live/two"), 0U) << "a publisher is no player";
}

TEST_P(RecordStoreContract, EveryUserIsVisitedInItsBucket) {
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back("user-" + std::to_string(i));
    ASSERT_TRUE(commit(user_with_session(expected.back(), 1), 0));
  }
  EXPECT_THAT(visited_users(), testing::UnorderedElementsAreArray(expected));
}

TEST_P(RecordStoreContract, OfManyThreadsEachCommitCountsOnce) {
  constexpr int kThreads = 4;
  constexpr int kCommits = 50;
  std::atomic<int> conflicts{0};
  const auto work = [&](int thread) {
    for (int done = 0; done < kCommits;) {
      auto loaded = load("ann");
      const int number = thread * kCommits + done + 1;
      loaded.record.sessions.push_back(user_with_session("ann", number).sessions[0]);
      const UserRecord record = loaded.record;
      if (commit(record, loaded.version, {admitted(record)})) {
        ++done;
      } else {
        ++conflicts;
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  threads.clear();
  EXPECT_EQ(load("ann").record.sessions.size(), std::size_t{kThreads * kCommits});
  EXPECT_EQ(events().size(), std::size_t{kThreads * kCommits});
  // Told in the order of their commits.
  std::size_t place = 0;
  for (const auto& session : load("ann").record.sessions) {
    EXPECT_EQ(events()[place++].session.id, session.id);
  }
}

}  // namespace
}  // namespace weir::control::store
