// What goes on while nothing can be made to last.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/control_svc/store/operations_fixture.h"

namespace weir::control::store {
namespace {

using domain::RefusalReason;
using domain::SessionKind;
using domain::SessionState;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Writes at once, or not at all.
class SwitchedJournal final : public Journal {
 public:
  bool accepts() const override { return writable; }
  void user_changed(const domain::UserRecord&, std::vector<domain::Event>,
                    Reply<Done> reply) override {
    waiting.push_back(std::move(reply));
  }
  void claim_changed(const domain::StreamClaim&, bool, Reply<Done> reply) override {
    waiting.push_back(std::move(reply));
  }
  void fleet_changed(const domain::FleetRecord&, std::vector<domain::Event>,
                     Reply<Done> reply) override {
    waiting.push_back(std::move(reply));
  }

  bool writable = true;
  // The store calls under its lock, so its callers are answered later.
  std::vector<Reply<Done>> waiting;
};

class UnwritableJournalTest : public testing::Test {
 protected:
  template <class Answer, class Call>
  domain::Outcome<Answer> answer_of(const Call& call) {
    std::optional<domain::Outcome<Answer>> answer;
    call([&answer](domain::Outcome<Answer> outcome) { answer = std::move(outcome); });
    while (!journal_.waiting.empty()) {
      for (auto& reply : std::exchange(journal_.waiting, {})) reply(Done{});
    }
    return std::move(answer).value();
  }
  domain::SessionId admit(const std::string& request_id) {
    domain::AdmitRequest request = request_of(SessionKind::kPlay, "ann");
    request.request_id = request_id;
    return answer_of<domain::AdmitAnswer>(
               [&](auto done) { operations_.admit(request, clock_.now(), std::move(done)); })
        ->session.id;
  }
  domain::Outcome<domain::UserSession> touch(const domain::SessionId& id) {
    return answer_of<domain::UserSession>([&](auto done) {
      operations_.touch({id.str(), "ann", "live/one"}, clock_.now(), std::move(done));
    });
  }
  domain::Outcome<domain::UserSession> get(const domain::SessionId& id) {
    return answer_of<domain::UserSession>(
        [&](auto done) { operations_.get(id.str(), clock_.now(), std::move(done)); });
  }

  FakeClock clock_;
  SwitchedJournal journal_;
  MemoryStore store_{journal_};
  SessionOperations operations_{store_, {}, [](const domain::EndNotice&) {}};
};

TEST_F(UnwritableJournalTest, ASessionIsRenewedAndReadWhateverElseOfItsUserIsDue) {
  const domain::SessionId kept = admit("r1");
  const domain::SessionId silent = admit("r2");
  ASSERT_TRUE(touch(kept));
  ASSERT_TRUE(touch(silent));
  journal_.writable = false;
  // Beyond the other one's end, its tombstone, and what is remembered of both requests.
  for (int i = 0; i < 150; ++i) {
    clock_.advance(seconds{5});
    const auto renewed = touch(kept);
    ASSERT_TRUE(renewed) << renewed.error().message << " after " << i * 5 << " s";
    ASSERT_EQ(renewed->session.lease.deadline, clock_.now().steady + seconds{40});
    ASSERT_TRUE(get(kept));
  }
  EXPECT_EQ(get(silent)->session.end_reason, domain::EndReason::kExpired);
  EXPECT_TRUE(answer_of<domain::UserLimitsAnswer>(
      [&](auto done) { operations_.get_limits("ann", clock_.now(), std::move(done)); }));
  EXPECT_EQ(touch(silent).error().reason, RefusalReason::kSessionEnded);

  const auto refused = answer_of<domain::UserSession>(
      [&](auto done) { operations_.release(kept.str(), clock_.now(), std::move(done)); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, RefusalReason::kStoreUnavailable);
  EXPECT_EQ(get(kept)->session.state, SessionState::kActive) << "and is not half done";
}

}  // namespace
}  // namespace weir::control::store
