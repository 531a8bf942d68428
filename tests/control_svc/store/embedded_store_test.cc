#include "control_svc/store/embedded_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control_svc/store/deadline_wheel.h"
#include "control_svc/store/session_operations.h"
#include "tests/contract/record_store_contract.h"
#include "tests/control_svc/store/operations_fixture.h"
#include "tests/control_svc/store/temporary_folder.h"

// clang-tidy 19 takes every variable of this file for one that never changes, loop counters too.
// NOLINTBEGIN(misc-const-correctness)
namespace weir::control::store {
namespace {

using domain::AdmitAnswer;
using domain::Outcome;
using domain::SessionId;
using domain::SessionKind;
using domain::UserSession;
using std::chrono::minutes;
using std::chrono::seconds;

// One run of control on a file.
class Process {
 public:
  Process(const std::string& path, FakeClock& clock, JournalObserver observer = {},
          domain::Settings settings = {})
      : clock_(clock),
        settings_(settings),
        store_(*EmbeddedStore::open({.path = path,
                                     .settings = settings_,
                                     .clock = clock,
                                     .events = {},
                                     .observer = std::move(observer)},
                                    history)),
        operations(
            store_->records(), settings_, [](const domain::EndNotice&) {}, store_->hold_until()) {}

  // What a file of an earlier release holds.
  static void write_golden(const std::string& path, const std::string& name) {
    std::ifstream golden(WEIR_SOURCE_DIR "/tests/golden/store/" + name);
    const std::string sql{std::istreambuf_iterator<char>(golden), {}};
    ASSERT_FALSE(sql.empty());
    SqliteDatabase(path, SqliteDatabase::Mode::kReadWrite).run(sql.c_str());
  }
  static std::int64_t schema_of(const std::string& path) {
    return SqliteDatabase(path, SqliteDatabase::Mode::kReadOnly).number("PRAGMA user_version");
  }

  Outcome<AdmitAnswer> admit(domain::AdmitRequest request) {
    return answer<AdmitAnswer>(
        [&](auto done) { operations.admit(std::move(request), clock_.now(), std::move(done)); });
  }
  Outcome<UserSession> touch(std::string user, const SessionId& id) {
    return answer<UserSession>([&](auto done) {
      operations.touch(
          {.session_id = id.str(), .user_id = std::move(user), .stream_id = "live/one"},
          clock_.now(), std::move(done));
    });
  }
  Outcome<UserSession> describe(const domain::Session& publisher, std::string codec) {
    domain::SessionReport report{
        .session = publisher.id,
        .epoch = publisher.epoch,
        .kind = domain::SessionReport::Kind::kStarted,
        .instance_id = "m1",
        .incarnation = "i",
        .message = {},
        .media = std::make_shared<const domain::MediaSummary>(
            domain::MediaSummary{.video_codec = std::move(codec), .frame_rate = 29.97})};
    return answer<UserSession>(
        [&](auto done) { operations.report(std::move(report), clock_.now(), std::move(done)); });
  }
  Outcome<UserSession> get(const SessionId& id) {
    return answer<UserSession>(
        [&](auto done) { operations.get(id.str(), clock_.now(), std::move(done)); });
  }
  Outcome<UserSession> release(const SessionId& id) {
    return answer<UserSession>(
        [&](auto done) { operations.release(id.str(), clock_.now(), std::move(done)); });
  }
  Outcome<UserSession> kick(const SessionId& id) {
    return answer<UserSession>([&](auto done) {
      operations.kick({.session_id = id.str(), .message = "off", .block_duration = {}, .by = "op"},
                      clock_.now(), std::move(done));
    });
  }
  // Its instance is gone, by its drain's deadline if `cut`.
  void interrupt(std::string_view instance, bool cut) {
    std::promise<void> done;
    operations.interrupt({{domain::holder_digest(instance, ""), cut}}, clock_.now(),
                         [&done](std::size_t) { done.set_value(); });
    done.get_future().get();
  }
  std::size_t expire() {
    std::promise<std::size_t> promise;
    operations.expire_due(clock_.now(), 1000,
                          [&promise](std::size_t count) { promise.set_value(count); });
    return promise.get_future().get();
  }
  EmbeddedStore& store() { return *store_; }

  // Waits for an answer that comes on the journal's thread.
  template <class Answer, class Call>
  static Outcome<Answer> answer(const Call& call) {
    auto promise = std::make_shared<std::promise<Outcome<Answer>>>();
    auto future = promise->get_future();
    call([promise](Outcome<Answer> outcome) { promise->set_value(std::move(outcome)); });
    if (future.wait_for(seconds{30}) != std::future_status::ready) {
      throw std::runtime_error("no answer");
    }
    return future.get();
  }

 private:
  FakeClock& clock_;
  domain::Settings settings_;

 public:
  EventHistory history{"new"};

 private:
  std::unique_ptr<EmbeddedStore> store_;

 public:
  SessionOperations operations;
};

class EmbeddedStoreTest : public testing::Test {
 protected:
  static domain::AdmitRequest play(std::string user) {
    return request_of(SessionKind::kPlay, std::move(user));
  }
  static domain::AdmitRequest publish(std::string user) {
    return request_of(SessionKind::kPublish, std::move(user));
  }
  JournalFault fault_of(const std::string& path) {
    EventHistory history("new");
    const auto opened = EmbeddedStore::open(
        {.path = path, .settings = {}, .clock = clock_, .events = {}, .observer = {}}, history);
    if (opened) {
      ADD_FAILURE() << "was opened";
      return {};
    }
    EXPECT_NE(opened.error().text.find(path), std::string::npos) << opened.error().text;
    return opened.error().fault;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.file("weir.db");
  FakeClock clock_;
};

TEST_F(EmbeddedStoreTest, WhatWasAnsweredIsThereAfterARestart) {
  SessionId playing;
  SessionId publishing;
  domain::AdmitRequest remembered = play("ann");
  remembered.request_id = "r1";
  remembered.client.device = "Living-room TV";
  {
    Process run(path_, clock_);
    playing = run.admit(remembered)->session.id;
    publishing = run.admit(publish("ann"))->session.id;
    run.kick(run.admit(play("bob"))->session.id);
  }
  clock_.advance(seconds{19});
  Process run(path_, clock_);
  EXPECT_TRUE(run.store().recovered());
  EXPECT_EQ(run.get(playing)->session.texts.view().client_device, "Living-room TV");
  EXPECT_EQ(run.get(publishing)->session.epoch, 1);
  // The same request, the same claim, the same block.
  EXPECT_EQ(run.admit(remembered)->session.id, playing);
  EXPECT_EQ(run.admit(publish("zoe")).error().reason,
            domain::RefusalReason::kStreamAlreadyPublished);
  const auto blocked = run.admit(play("bob"));
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().reason, domain::RefusalReason::kUserBlocked);
  EXPECT_EQ(blocked.error().retry_after, seconds{41});
}

TEST_F(EmbeddedStoreTest, AFileLeftInTheMiddleOfALifeHasEveryAnsweredAdmission) {
  const std::string crashed = folder_.file("crashed.db");
  std::vector<SessionId> answered;
  {
    Process run(path_, clock_);
    for (int i = 0; i < 20; ++i) {
      answered.push_back(run.admit(play("user-" + std::to_string(i)))->session.id);
    }
    // What a killed process leaves: the file and its write-ahead log, not closed.
    std::filesystem::copy_file(path_, crashed);
    std::filesystem::copy_file(path_ + "-wal", crashed + "-wal");
  }
  Process run(crashed, clock_);
  for (const SessionId& id : answered) EXPECT_TRUE(run.get(id)) << id.str();
}

TEST_F(EmbeddedStoreTest, EveryDeadlineBeginsAnewAndNothingExpiresWhileHeld) {
  SessionId id;
  {
    Process run(path_, clock_);
    id = run.admit(play("ann"))->session.id;
  }
  clock_.advance(minutes{60});
  Process run(path_, clock_);
  const Now restarted = clock_.now();
  clock_.advance(seconds{30} - Duration{1});
  EXPECT_EQ(run.get(id)->session.state, domain::SessionState::kPending);
  EXPECT_EQ(run.get(id)->session.lease.deadline, restarted.steady + seconds{30});
  clock_.advance(Duration{1});
  EXPECT_EQ(run.get(id)->session.end_reason, domain::EndReason::kStartTimeout);
}

// Its stream was free at its deadline, but its end was not on disk yet.
TEST_F(EmbeddedStoreTest, APublisherWhoseStreamWentToAnotherEndsAfterARestart) {
  SessionId silent;
  SessionId successor;
  {
    Process run(path_, clock_);
    silent = run.admit(publish("ann"))->session.id;
    clock_.advance(domain::Settings{}.start_timeout);
    successor = run.admit(publish("bob"))->session.id;
  }
  Process run(path_, clock_);
  // Its application is back, after all.
  EXPECT_TRUE(run.touch("ann", silent));
  run.expire();
  const auto renewed = run.touch("ann", silent);
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().end_reason, domain::EndReason::kReplaced);
  EXPECT_EQ(renewed.error().ended_by, successor.str());
  EXPECT_TRUE(run.touch("bob", successor));
}

TEST_F(EmbeddedStoreTest, ARestartKnowsWhatADrainsDeadlineCut) {
  SessionId id;
  {
    Process run(path_, clock_);
    domain::AdmitRequest asked = publish("ann");
    asked.instance_id = "m1";
    id = run.admit(asked)->session.id;
    run.interrupt("m1", true);
  }
  Process run(path_, clock_);
  clock_.advance(domain::Settings{}.publish_reconnect_grace);
  EXPECT_EQ(run.get(id)->session.end_reason, domain::EndReason::kDrainDeadline);
}

TEST_F(EmbeddedStoreTest, ANewFileHasNoHold) {
  Process run(path_, clock_);
  EXPECT_FALSE(run.store().recovered());
  EXPECT_LT(run.store().hold_until(), clock_.now().steady);
}

TEST_F(EmbeddedStoreTest, WatchersGoOnAcrossARestart) {
  std::string token;
  {
    Process run(path_, clock_);
    run.admit(play("ann"));
    token = run.history.token_after(1);
    run.admit(play("bob"));
  }
  Process run(path_, clock_);
  run.admit(play("cid"));
  const auto position = run.history.position_of(token);
  ASSERT_TRUE(position);
  const auto entries = run.history.read(*position, 10);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(0).sequence, 2U);
  EXPECT_EQ(std::get<domain::SessionEvent>(entries->at(0).event).user_id, "bob");
  EXPECT_EQ(std::get<domain::SessionEvent>(entries->at(1).event).user_id, "cid");
}

TEST_F(EmbeddedStoreTest, ReleasedIsReleasedAndForgottenIsForgotten) {
  SessionId id;
  {
    Process run(path_, clock_);
    id = run.admit(play("ann"))->session.id;
    run.release(id);
  }
  {
    Process run(path_, clock_);
    EXPECT_EQ(run.get(id)->session.end_reason, domain::EndReason::kReleased);
    clock_.advance(minutes{10} + DeadlineWheel::kTick);
    EXPECT_FALSE(run.get(id));
    EXPECT_EQ(run.expire(), 1U);
  }
  Process run(path_, clock_);
  EXPECT_FALSE(run.store().recovered());
}

// Counts what reaches the disk.
struct CommitCount {
  std::atomic<std::size_t> commits{0};
  std::atomic<std::size_t> changes{0};

  JournalObserver observer() {
    JournalObserver observer;
    observer.committed = [this](std::size_t batch, std::chrono::nanoseconds) {
      ++commits;
      changes += batch;
    };
    return observer;
  }
};

TEST_F(EmbeddedStoreTest, ATouchThatOnlyRenewsNeverReachesTheDisk) {
  CommitCount count;
  Process run(path_, clock_, count.observer());
  const SessionId id = run.admit(play("ann"))->session.id;
  ASSERT_EQ(run.touch("ann", id)->session.state, domain::SessionState::kActive);
  const std::size_t before = count.changes;
  for (int i = 0; i < 100; ++i) {
    clock_.advance(seconds{10});
    ASSERT_TRUE(run.touch("ann", id));
  }
  // Whatever was under way has been counted by the time that this is answered.
  run.admit(play("bob"));
  EXPECT_EQ(count.changes, before + 1);
}

TEST_F(EmbeddedStoreTest, MediaIsWrittenWithTheTransitionThatTellsOfItAndNotAlone) {
  CommitCount count;
  domain::AdmitRequest request = publish("ann");
  request.instance_id = "m1";
  request.incarnation = "i";
  SessionId id;
  {
    Process run(path_, clock_, count.observer());
    const domain::Session publisher = run.admit(request)->session;
    id = publisher.id;
    ASSERT_EQ(run.describe(publisher, "h264")->session.state, domain::SessionState::kActive);
    const std::size_t before = count.changes;
    ASSERT_EQ(run.describe(publisher, "hevc")->session.media->video_codec, "hevc");
    EXPECT_EQ(run.get(id)->session.media->video_codec, "hevc");
    run.admit(play("bob"));
    EXPECT_EQ(count.changes, before + 1);
  }
  {
    Process run(path_, clock_);
    const domain::Session restored = run.get(id)->session;
    ASSERT_TRUE(restored.media);
    EXPECT_EQ(restored.media->video_codec, "h264") << "its instance says the rest again";
    EXPECT_EQ(restored.media->frame_rate, 29.97);
    ASSERT_TRUE(run.release(id));
  }
  Process run(path_, clock_);
  EXPECT_FALSE(run.get(id)->session.media);
}

TEST_F(EmbeddedStoreTest, ManyAtOnceShareACommit) {
  CommitCount count;
  constexpr int kAdmissions = 500;
  std::promise<void> all_asked;
  JournalObserver observer = count.observer();
  // The first commit is over once all the others wait for theirs.
  observer.committed = [committed = observer.committed, asked = all_asked.get_future().share()](
                           std::size_t batch, std::chrono::nanoseconds took) {
    committed(batch, took);
    asked.wait();
  };
  {
    Process run(path_, clock_, observer);
    std::atomic<int> answered{0};
    for (int i = 0; i < kAdmissions; ++i) {
      run.operations.admit(play("user-" + std::to_string(i)), clock_.now(),
                           [&answered](const Outcome<AdmitAnswer>& outcome) {
                             if (outcome) ++answered;
                           });
    }
    all_asked.set_value();
    run.admit(play("last"));
    EXPECT_EQ(answered, kAdmissions);
  }
  EXPECT_EQ(count.changes, std::size_t{kAdmissions + 1});
  EXPECT_LT(count.commits, count.changes / 2);
}

TEST_F(EmbeddedStoreTest, ParallelAdmissionsOfOneUserNeverPassTheLimit) {
  Process run(path_, clock_);
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) {
          if (run.admit(play("ann"))) ++admitted;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 3);
}

TEST_F(EmbeddedStoreTest, OfParallelPublishersOneGetsTheStream) {
  Process run(path_, clock_);
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 25; ++n) {
          const std::string user = "user-" + std::to_string(i) + "-" + std::to_string(n);
          if (run.admit(publish(user))) ++admitted;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 1);
  // Whoever lost the claim after its record was committed holds nothing.
  int live = 0;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    run.store().records().visit_users(
        bucket,
        [&live](const domain::UserRecord& user) {
          live += static_cast<int>(std::ranges::count_if(
              user.sessions, [](const domain::Session& session) { return session.live(); }));
        },
        [](const auto&) {});
  }
  EXPECT_EQ(live, 1);
}

TEST_F(EmbeddedStoreTest, OneProcessAtATime) {
  // By whatever name; this one leads nowhere yet.
  const std::string link = folder_.file("link.db");
  std::filesystem::create_symlink(std::filesystem::path(path_).filename(), link);
  const Process run(link, clock_);
  EXPECT_EQ(fault_of(path_), JournalFault::kInUse);
  EXPECT_EQ(fault_of(link), JournalFault::kInUse);
}

TEST_F(EmbeddedStoreTest, FilesThatAreNotAJournalOfOurs) {
  const std::string text = folder_.file("text");
  std::ofstream(text) << std::string(8192, 'x');
  EXPECT_EQ(fault_of(text), JournalFault::kDamaged);

  const std::string foreign = folder_.file("foreign");
  SqliteDatabase(foreign, SqliteDatabase::Mode::kReadWrite).run("CREATE TABLE t(x)");
  EXPECT_EQ(fault_of(foreign), JournalFault::kNotOurs);

  {
    Process run(path_, clock_);
  }
  SqliteDatabase(path_, SqliteDatabase::Mode::kReadWrite).run("PRAGMA user_version = 99");
  EXPECT_EQ(fault_of(path_), JournalFault::kLaterSchema);

  EXPECT_EQ(fault_of(folder_.file("no/such/folder")), JournalFault::kCannotOpen);
}

TEST_F(EmbeddedStoreTest, AFileOfAnEarlierReleaseIsBroughtUpToDate) {
  Process::write_golden(path_, "schema_1.sql");
  const SessionId ann = SessionId::parse("63rgmfmw2kzchb7khdr6ngcjeq").value();
  const SessionId bob = SessionId::parse("3pr2cgafczap91keecqxz1yj45").value();
  {
    Process run(path_, clock_);
    const domain::Session publisher = run.get(ann)->session;
    EXPECT_EQ(publisher.kind, SessionKind::kPublish);
    EXPECT_EQ(publisher.state, domain::SessionState::kActive);
    EXPECT_EQ(publisher.epoch, 1);
    EXPECT_EQ(publisher.texts.view().client_device, "Camera");
    EXPECT_FALSE(publisher.media);
    EXPECT_EQ(run.get(bob)->session.end_reason, domain::EndReason::kKicked);
    EXPECT_EQ(run.get(bob)->session.texts.view().message, "off");
    EXPECT_EQ(run.admit(play("bob")).error().reason, domain::RefusalReason::kUserBlocked);
    EXPECT_EQ(run.admit(publish("zoe")).error().reason,
              domain::RefusalReason::kStreamAlreadyPublished);
    domain::AdmitRequest repeated = publish("ann");
    repeated.request_id = "r1";
    EXPECT_EQ(run.admit(repeated)->session.id, ann);
    run.store().records().load_fleet([](const auto& fleet) {
      const domain::InstanceRecord* instance = fleet->record->find("media-1");
      ASSERT_NE(instance, nullptr);
      EXPECT_TRUE(instance->cordoned);
      EXPECT_TRUE(instance->drain);
      EXPECT_EQ(fleet->record->freeze->message, "match tonight");
    });
    EXPECT_EQ(run.history.read(1, 100)->size(), 8U);
    ASSERT_TRUE(run.release(ann));
  }
  EXPECT_EQ(Process::schema_of(path_), 3);
  Process run(path_, clock_);
  EXPECT_EQ(run.get(ann)->session.end_reason, domain::EndReason::kReleased);
}

TEST_F(EmbeddedStoreTest, AClaimOfAnEarlierReleaseHasNoTakeoverYet) {
  Process::write_golden(path_, "schema_2.sql");
  domain::Settings settings;
  settings.publish_takeover = domain::PublishTakeover::kSameUser;
  {
    Process run(path_, clock_, {}, settings);
    const auto taken = run.admit(publish("ann"));
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(taken->session.epoch, 3);
    EXPECT_EQ(run.history.read(1, 100)->size(), 5U);
  }
  EXPECT_EQ(Process::schema_of(path_), 3);
}

TEST_F(EmbeddedStoreTest, ARestartDoesNotForgetThatAStreamWasJustTakenOver) {
  domain::Settings settings;
  settings.publish_takeover = domain::PublishTakeover::kSameUser;
  {
    Process run(path_, clock_, {}, settings);
    ASSERT_TRUE(run.admit(publish("ann")));
    ASSERT_TRUE(run.admit(publish("ann")));
  }
  // The next boot's steady clock has nothing to do with this one's.
  clock_.advance(seconds{10});
  FakeClock next(clock_.now().wall);
  {
    Process run(path_, next, {}, settings);
    const auto refused = run.admit(publish("ann"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, domain::RefusalReason::kStreamAlreadyPublished);
    EXPECT_EQ(refused.error().retry_after, seconds{20});
  }
  next.jump_wall(-minutes{60});
  Process run(path_, next, {}, settings);
  EXPECT_EQ(run.admit(publish("ann")).error().retry_after, seconds{30})
      << "no longer than the interval, whatever the wall clock says";
  next.advance(seconds{30});
  EXPECT_TRUE(run.admit(publish("ann")));
}

TEST_F(EmbeddedStoreTest, ADamagedRecordIsNamedNotSkipped) {
  {
    Process run(path_, clock_);
    run.admit(play("ann"));
  }
  SqliteDatabase(path_, SqliteDatabase::Mode::kReadWrite)
      .run("UPDATE users SET record = CAST(substr(record, 1, length(record) - 1) AS BLOB)");
  EXPECT_EQ(fault_of(path_), JournalFault::kDamaged);
}

// Files of this process cannot grow while this lives: what a full disk looks like.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(EmbeddedStoreTest, AFullDiskRefusesAndRecovers) {
  std::promise<void> back;
  std::vector<std::string> failures;
  JournalObserver observer;
  observer.availability = [&](const std::string& failure) {
    failures.push_back(failure);
    if (failure.empty()) back.set_value();
  };
  SessionId before;
  {
    Process run(path_, clock_, observer);
    before = run.admit(play("ann"))->session.id;
    ASSERT_TRUE(run.touch("ann", before));
    {
      const FullDisk full;
      for (const char* user : {"ann", "bob"}) {
        const auto refused = run.admit(play(user));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reason, domain::RefusalReason::kStoreUnavailable);
      }
      // What need not be written goes on.
      EXPECT_TRUE(run.get(before));
      EXPECT_TRUE(run.touch("ann", before));
    }
    ASSERT_EQ(back.get_future().wait_for(seconds{30}), std::future_status::ready);
    EXPECT_TRUE(run.admit(play("cid")));
    ASSERT_EQ(failures.size(), 2U);
    EXPECT_NE(failures[0].find(path_), std::string::npos);
  }
  Process run(path_, clock_);
  EXPECT_TRUE(run.get(before));
}

TEST_F(EmbeddedStoreTest, ABackupOfARunningStoreIsRestored) {
  const std::string copy = folder_.file("copy.db");
  SessionId kept;
  SessionId later;
  std::string token;
  {
    Process run(path_, clock_);
    kept = run.admit(play("ann"))->session.id;
    ASSERT_TRUE(back_up_journal(path_, copy));
    later = run.admit(play("ann"))->session.id;
    token = run.history.token_after(2);
    const auto in_use = restore_journal(copy, path_);
    ASSERT_FALSE(in_use);
    EXPECT_EQ(in_use.error().fault, JournalFault::kInUse);
  }
  EXPECT_FALSE(std::filesystem::exists(copy + ".part"));
  ASSERT_TRUE(restore_journal(copy, path_));
  Process run(path_, clock_);
  EXPECT_TRUE(run.get(kept));
  EXPECT_FALSE(run.get(later));
  // Another event has the number of the one that the token is of.
  ASSERT_TRUE(run.admit(play("bob")));
  EXPECT_EQ(run.history.next(), 3U);
  EXPECT_FALSE(run.history.position_of(token));
}

TEST_F(EmbeddedStoreTest, OnlyAWholeBackupIsRestored) {
  const std::string copy = folder_.file("copy.db");
  EXPECT_FALSE(back_up_journal(folder_.file("missing"), copy));
  std::ofstream(copy) << std::string(8192, 'x');
  const auto restored = restore_journal(copy, path_);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().fault, JournalFault::kDamaged);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(EmbeddedStoreTest, ACopyIsNeverTheStoreItself) {
  const std::string link = folder_.file("link.db");
  std::filesystem::create_symlink(path_, link);
  {
    Process run(path_, clock_);
    for (const std::string& copy : {path_, link}) {
      const auto copied = back_up_journal(path_, copy);
      ASSERT_FALSE(copied) << copy;
      EXPECT_EQ(copied.error().text, copy + ": is the store itself");
    }
  }
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_FALSE(restore_journal(link, path_));
}

TEST_F(EmbeddedStoreTest, ACopyThatFailsNamesTheFileThatItFailsFor) {
  {
    Process run(path_, clock_);
  }
  const std::string nowhere = folder_.file("no/such/folder");
  const auto text_of = [](const auto& failed) { return failed ? "" : failed.error().text; };
  EXPECT_TRUE(text_of(back_up_journal(path_, nowhere)).starts_with(nowhere));
  EXPECT_TRUE(text_of(back_up_journal(nowhere, path_)).starts_with(nowhere));
  EXPECT_TRUE(text_of(restore_journal(path_, nowhere)).starts_with(nowhere));
  EXPECT_TRUE(text_of(restore_journal(nowhere, path_)).starts_with(nowhere));
}

}  // namespace
}  // namespace weir::control::store
// NOLINTEND(misc-const-correctness)
