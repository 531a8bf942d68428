// Random operations of a few users on a few streams, and after each step what must always hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::EndReason;
using domain::EventType;
using domain::Session;
using domain::SessionEvent;
using domain::SessionId;
using domain::SessionKind;
using domain::SessionState;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What the events alone tell about a session.
struct Told {
  SessionState state = SessionState::kPending;
  bool interrupted = false;
};

class RandomOperations {
 public:
  explicit RandomOperations(std::uint32_t seed) : random_(seed) {
    settings_.publish_takeover = static_cast<domain::PublishTakeover>(seed % 3);
    weir_.emplace(settings_);
  }

  void step() {
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
        return admit();
      case 3:
      case 4:
        return touch();
      case 5:
        return touch_many();
      case 6:
        return report();
      case 7:
        return on_session([this](const std::string& id, auto done) {
          weir_->operations.pause(id, now(), std::move(done));
        });
      case 8:
        return on_session([this](const std::string& id, auto done) {
          weir_->operations.resume(id, now(), std::move(done));
        });
      case 9:
        return on_session([this](const std::string& id, auto done) {
          weir_->operations.release(id, now(), std::move(done));
        });
      case 10:
        return kick_or_switch();
      case 11:
        weir_->operations.interrupt({{domain::holder_digest(instance(), "i"), false}}, now(),
                                    [](std::size_t) {});
        return;
      default:
        weir_->clock.advance(milliseconds{pick(10'000)});
        if (pick(4) == 0) weir_->clock.jump_wall(seconds{pick(7200) - 3600});
        weir_->expire();
    }
  }

  void check() {
    for (; checked_ < weir_->events.size(); ++checked_) hear(weir_->events[checked_]);
    std::map<std::pair<std::string, SessionKind>, int> held;
    std::map<std::string, int> publishers;
    for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
      weir_->store.visit_users(
          bucket,
          [&](const domain::UserRecord& user) {
            for (const Session& session : user.sessions) {
              check_told(session);
              if (!session.live() || domain::overdue(session, now().steady)) continue;
              ++held[{user.user_id.str(), session.kind}];
              if (session.kind == SessionKind::kPublish) {
                ++publishers[std::string(session.stream_id())];
              }
            }
          },
          [](const auto&) {});
    }
    for (const auto& [user, count] : held) EXPECT_LE(count, 3) << user.first;
    for (const auto& [stream, count] : publishers) EXPECT_LE(count, 1) << stream;
  }

 private:
  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }
  Now now() const { return weir_->clock.now(); }
  std::string instance() { return "m" + std::to_string(pick(3)); }
  std::string stream() { return "live/" + std::to_string(pick(3)); }
  const Session* any_session() { return known_.empty() ? nullptr : &known_[newest_biased()]; }
  std::size_t newest_biased() {
    const int span = std::min<int>(static_cast<int>(known_.size()), 12);
    return known_.size() - 1 - static_cast<std::size_t>(pick(span));
  }

  void admit() {
    domain::AdmitRequest request =
        request_of(pick(2) == 0 ? SessionKind::kPublish : SessionKind::kPlay,
                   "user-" + std::to_string(pick(3)), stream());
    if (pick(2) == 0) {
      request.instance_id = instance();
      request.incarnation = "i";
    }
    if (pick(3) == 0) request.request_id = "r" + std::to_string(pick(20));
    if (pick(8) == 0) request.validate_only = true;
    if (const Session* session = any_session(); session != nullptr && pick(4) == 0) {
      request.replace_session_ids = {session->id.str()};
    }
    const auto answer = weir_->admit(request);
    if (!answer || request.validate_only) return;
    remember(request, *answer);
    if (!answer->repeated && !answer->resumed) known_.push_back(answer->session);
  }

  // The same id with the same parameters stays with its session as long as it is remembered.
  void remember(const domain::AdmitRequest& request, const domain::AdmitAnswer& answer) {
    if (request.request_id.empty()) return;
    auto& [session, until] = requests_[{request.user_id, request.request_id}];
    if (now().steady < until) {
      EXPECT_EQ(session, answer.session.id) << request.request_id;
    } else {
      session = answer.session.id;
      until = now().steady + settings_.request_id_memory;
    }
  }

  template <class Call>
  void on_session(const Call& call) {
    if (const Session* session = any_session()) call(session->id.str(), [](const auto&) {});
  }

  void touch() {
    const Session* session = any_session();
    if (session == nullptr) return;
    for (int user = 0; user < 3; ++user) {
      weir_->touch(
          {session->id.str(), "user-" + std::to_string(user), std::string(session->stream_id())});
    }
  }

  void touch_many() {
    std::vector<domain::SessionId> sessions;
    for (int i = 0; i < 5; ++i) {
      if (const Session* session = any_session()) sessions.push_back(session->id);
    }
    weir_->touch_many(sessions, pick(2) == 0 ? 0 : domain::holder_digest(instance(), "i"));
  }

  void report() {
    const Session* session = any_session();
    if (session == nullptr) return;
    domain::SessionReport said;
    said.session = session->id;
    // Sometimes the present epoch, sometimes an old one.
    const auto current = weir_->get(session->id);
    said.epoch = current && pick(4) > 0 ? current->session.epoch : pick(4);
    said.kind = static_cast<domain::SessionReport::Kind>(pick(4));
    said.instance_id = instance();
    said.incarnation = "i";
    const bool stale = current && current->session.epoch != said.epoch;
    const std::size_t events = weir_->events.size();
    weir_->report(said);
    if (stale) {
      EXPECT_EQ(weir_->events.size(), events) << "a stale report changed something";
    }
  }

  void kick_or_switch() {
    on_session([this](const std::string& id, auto) {
      if (pick(3) == 0) {
        weir_->operations.kick({.session_id = id,
                                .message = {},
                                .block_duration = seconds{pick(30)},
                                .whole_user = pick(4) == 0,
                                .by = "op"},
                               now(), [](const auto&) {});
      } else {
        weir_->operations.switch_stream({id, stream()}, now(), [](const auto&) {});
      }
    });
  }

  void hear(const SessionEvent& event) {
    const bool is_new = event.type == EventType::kAdmitted;
    EXPECT_EQ(is_new, told_.find(event.session.id) == told_.end()) << name_of(event.type);
    Told& told = told_[event.session.id];
    // A slot is freed once, and nothing follows.
    EXPECT_NE(told.state, SessionState::kEnded) << name_of(event.type);
    told.state = event.session.state;
    told.interrupted = event.session.interrupted;
    if (event.session.live()) {
      check_epoch(event);
    } else {
      check_end(event);
    }
  }

  // The epoch of a stream rises with each publishing connection.
  void check_epoch(const SessionEvent& event) {
    const bool connects =
        event.type == EventType::kAdmitted ||
        (event.type == EventType::kResumed && event.session.epoch > epochs_[event.session.id]);
    if (event.session.kind != SessionKind::kPublish || !connects) return;
    epochs_[event.session.id] = event.session.epoch;
    std::int64_t& current = stream_epochs_[std::string(event.session.stream_id())];
    EXPECT_GT(event.session.epoch, current);
    current = event.session.epoch;
  }

  void check_end(const SessionEvent& event) {
    const Session& session = event.session;
    // Never early: it is heard of in the step in which it ended.
    const Duration silent = now().steady - session.lease.last_touch;
    switch (session.end_reason) {
      case EndReason::kStartTimeout:
        EXPECT_GE(silent, settings_.start_timeout);
        break;
      case EndReason::kPauseTimeout:
        EXPECT_GE(silent, settings_.pause_limit);
        break;
      case EndReason::kExpired:
        EXPECT_GE(silent, session.interrupted && session.kind == SessionKind::kPublish
                              ? settings_.publish_reconnect_grace
                              : settings_.silence_limit());
        break;
      default:
        break;
    }
  }

  // Each written transition was told, and nothing else.
  void check_told(const Session& session) {
    const auto found = told_.find(session.id);
    ASSERT_NE(found, told_.end());
    EXPECT_EQ(found->second.state, session.state) << session.id.str();
    EXPECT_EQ(found->second.interrupted, session.interrupted) << session.id.str();
  }

  std::mt19937 random_;
  domain::Settings settings_;
  std::optional<OperationsFixture> weir_;
  std::vector<Session> known_;
  std::size_t checked_ = 0;
  std::map<SessionId, Told> told_;
  std::map<SessionId, std::int64_t> epochs_;
  std::map<std::string, std::int64_t> stream_epochs_;
  std::map<std::pair<std::string, std::string>, std::pair<SessionId, SteadyTime>> requests_;
};

TEST(RandomOperations, KeepEveryInvariant) {
  for (std::uint32_t seed = 1; seed <= 15; ++seed) {
    RandomOperations operations(seed);
    for (int step = 0; step < 1500; ++step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", step " + std::to_string(step));
      operations.step();
      operations.check();
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace weir::control::store
