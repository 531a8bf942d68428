#include "control_svc/store/touch_batch.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "control_svc/domain/session_rules.h"

namespace weir::control::store {
namespace {

using domain::RefusalReason;
using domain::SessionId;
using domain::TouchFailure;

// One call; kept alive by the decisions that are under way.
class Batch {
 public:
  // One id a place; until it is set it is empty, which no session has.
  Batch(std::size_t places, Callback<std::vector<TouchFailure>> done)
      : done_(std::move(done)), ids_(places) {}

  std::vector<SessionId>& ids() { return ids_; }

  void start_one() { ++pending_; }
  void finish_one() {
    if (pending_.fetch_sub(1) == 1) answer();
  }
  void fail_store() { store_failed_ = true; }

  void note(std::size_t place, TouchFailure failure) {
    const std::scoped_lock lock(mutex_);
    failures_.push_back({place, std::move(failure)});
  }
  void note(std::size_t place, const SessionId& id, const domain::Refusal& refusal) {
    switch (refusal.reason) {
      case RefusalReason::kSessionNotFound:
        return note(place, {id.str(), false, domain::EndReason::kNone});
      case RefusalReason::kSessionEnded:
        return note(place, {id.str(), true, refusal.end_reason});
      case RefusalReason::kStaleEpoch:
        return note(place, {id.str(), true, domain::EndReason::kMoved});
      default:
        fail_store();
    }
  }

 private:
  struct Placed {
    std::size_t place;
    TouchFailure failure;
  };

  void answer() {
    if (store_failed_) return done_(store_unavailable());
    std::ranges::sort(failures_, {}, &Placed::place);
    std::vector<TouchFailure> failures;
    failures.reserve(failures_.size());
    for (Placed& placed : failures_) failures.push_back(std::move(placed.failure));
    done_(std::move(failures));
  }

  const Callback<std::vector<TouchFailure>> done_;
  std::vector<SessionId> ids_;
  std::atomic<bool> store_failed_{false};
  // Decisions not answered yet, and one for the call itself.
  std::atomic<std::size_t> pending_{1};
  std::mutex mutex_;
  std::vector<Placed> failures_;
};

}  // namespace

void touch_sessions(const Decider& decider, const std::vector<std::string_view>& session_ids,
                    std::uint32_t holder, Now now,
                    Callback<std::vector<domain::TouchFailure>> done) {
  const auto batch = std::make_shared<Batch>(session_ids.size(), std::move(done));
  // An id that nobody can have been given stays empty: the store does not find it.
  std::vector<SessionId>& ids = batch->ids();
  for (std::size_t place = 0; place < ids.size(); ++place) {
    if (const auto id = SessionId::parse(session_ids[place])) {
      ids[place] = *id;
    } else {
      batch->note(place, {std::string(session_ids[place]), false, domain::EndReason::kNone});
    }
  }
  const auto ask_rules = [&decider, batch, holder, now](const SessionId& id, std::size_t place) {
    batch->start_one();
    decider.decide_session<domain::UserSession>(
        id, now,
        [holder](domain::UserRecord record, const SessionId& session,
                 const domain::Context& context) {
          return domain::touch_in_bulk(std::move(record), session, holder, context);
        },
        [batch, id, place](const auto& outcome) {
          if (!outcome) batch->note(place, id, outcome.error());
          batch->finish_one();
        });
  };
  decider.store().renew(
      ids, holder, now.steady,
      [batch, ask_rules](const Result<std::vector<Renewal>, StoreError>& outcomes) {
        const std::vector<SessionId>& ids = batch->ids();
        if (!outcomes) batch->fail_store();
        for (std::size_t i = 0; outcomes && i < outcomes->size(); ++i) {
          const Renewal outcome = (*outcomes)[i];
          if (outcome == Renewal::kForRules) ask_rules(ids[i], i);
          if (outcome == Renewal::kNotFound && !ids[i].empty()) {
            batch->note(i, {ids[i].str(), false, domain::EndReason::kNone});
          }
        }
        batch->finish_one();
      });
}

}  // namespace weir::control::store
