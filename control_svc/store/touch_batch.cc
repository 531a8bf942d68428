#include "control_svc/store/touch_batch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "control_svc/domain/session_rules.h"

namespace weir::control::store {
namespace {

using domain::EndReason;
using domain::RefusalReason;
using domain::SessionId;
using domain::TouchFailure;

// One call; kept alive by the decisions that are under way.
class Batch {
 public:
  Batch(std::vector<SessionId> sessions, Callback<std::vector<TouchFailure>> done)
      : sessions_(std::move(sessions)), done_(std::move(done)) {}

  const std::vector<SessionId>& sessions() const { return sessions_; }

  void start_one() { ++pending_; }
  void finish_one() {
    if (pending_.fetch_sub(1) == 1) answer();
  }
  void fail_store() { store_failed_ = true; }

  void note(TouchFailure failure) {
    const std::scoped_lock lock(mutex_);
    failures_.push_back(failure);
  }
  void note(std::size_t place, const domain::Refusal& refusal) {
    switch (refusal.reason) {
      case RefusalReason::kSessionNotFound:
        return note({place, false, EndReason::kNone});
      case RefusalReason::kSessionEnded:
        return note({place, true, refusal.end_reason});
      case RefusalReason::kStaleEpoch:
        return note({place, true, EndReason::kMoved});
      default:
        fail_store();
    }
  }

 private:
  void answer() {
    if (store_failed_) return done_(store_unavailable());
    std::ranges::sort(failures_, {}, &TouchFailure::place);
    done_(std::move(failures_));
  }

  const std::vector<SessionId> sessions_;
  const Callback<std::vector<TouchFailure>> done_;
  std::atomic<bool> store_failed_{false};
  // Decisions not answered yet, and one for the call itself.
  std::atomic<std::size_t> pending_{1};
  std::mutex mutex_;
  std::vector<TouchFailure> failures_;
};

}  // namespace

void touch_sessions(const Decider& decider, std::vector<SessionId> sessions, std::uint32_t holder,
                    Now now, Callback<std::vector<TouchFailure>> done) {
  const auto batch = std::make_shared<Batch>(std::move(sessions), std::move(done));
  const auto ask_rules = [&decider, batch, holder, now](std::size_t place) {
    batch->start_one();
    decider.decide_session<domain::UserSession>(
        batch->sessions()[place], now,
        [holder](domain::UserRecord record, const SessionId& session,
                 const domain::Context& context) {
          return domain::touch_in_bulk(std::move(record), session, holder, context);
        },
        [batch, place](const auto& outcome) {
          if (!outcome) batch->note(place, outcome.error());
          batch->finish_one();
        });
  };
  decider.store().renew(
      batch->sessions(), holder, now.steady,
      [batch, ask_rules](const Result<std::vector<Renewal>, StoreError>& outcomes) {
        if (!outcomes) batch->fail_store();
        for (std::size_t place = 0; outcomes && place < outcomes->size(); ++place) {
          const Renewal outcome = (*outcomes)[place];
          if (outcome == Renewal::kForRules) ask_rules(place);
          if (outcome == Renewal::kNotFound) batch->note({place, false, EndReason::kNone});
        }
        batch->finish_one();
      });
}

}  // namespace weir::control::store
