#include "control_svc/store/touch_batch.h"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "control_svc/domain/session_rules.h"

namespace weir::control::store {
namespace {

using domain::RefusalReason;
using domain::SessionId;
using domain::TouchFailure;

// One call; kept alive by the decisions that are under way. Each has its own place in `failures`.
struct Batch {
  Batch(std::vector<std::string> asked, Callback<std::vector<TouchFailure>> callback)
      : ids(std::move(asked)), failures(ids.size()), done(std::move(callback)) {}

  std::vector<std::string> ids;
  std::vector<std::optional<TouchFailure>> failures;
  Callback<std::vector<TouchFailure>> done;
  std::atomic<bool> store_failed{false};
  // Decisions not answered yet, and one for the call itself.
  std::atomic<std::size_t> pending{1};

  void finish_one() {
    if (pending.fetch_sub(1) != 1) return;
    if (store_failed) return done(store_unavailable());
    std::vector<TouchFailure> answer;
    for (auto& failure : failures) {
      if (failure) answer.push_back(*std::move(failure));
    }
    done(std::move(answer));
  }

  void take(std::size_t place, const domain::Outcome<domain::UserSession>& outcome) {
    if (!outcome) note(place, outcome.error());
    finish_one();
  }

  void not_found(std::size_t place) {
    failures[place] = TouchFailure{ids[place], false, domain::EndReason::kNone};
  }

  void note(std::size_t place, const domain::Refusal& refusal) {
    switch (refusal.reason) {
      case RefusalReason::kSessionNotFound:
        not_found(place);
        break;
      case RefusalReason::kSessionEnded:
        failures[place] = TouchFailure{ids[place], true, refusal.end_reason};
        break;
      case RefusalReason::kStaleEpoch:
        failures[place] = TouchFailure{ids[place], true, domain::EndReason::kMoved};
        break;
      default:
        store_failed = true;
    }
  }
};

}  // namespace

void touch_sessions(const Decider& decider, std::vector<std::string> session_ids,
                    std::uint32_t holder, Now now,
                    Callback<std::vector<domain::TouchFailure>> done) {
  const auto batch = std::make_shared<Batch>(std::move(session_ids), std::move(done));
  std::vector<SessionId> ids;
  std::vector<std::size_t> places;
  ids.reserve(batch->ids.size());
  places.reserve(batch->ids.size());
  for (std::size_t place = 0; place < batch->ids.size(); ++place) {
    if (const auto id = SessionId::parse(batch->ids[place])) {
      ids.push_back(*id);
      places.push_back(place);
    } else {
      batch->not_found(place);
    }
  }
  const auto ask_rules = [&decider, batch, holder, now](const SessionId& session,
                                                        std::size_t place) {
    ++batch->pending;
    decider.decide_session<domain::UserSession>(
        session, now,
        [holder](domain::UserRecord record, const SessionId& id, const domain::Context& context) {
          return domain::touch_in_bulk(std::move(record), id, holder, context);
        },
        [batch, place](const auto& outcome) { batch->take(place, outcome); });
  };
  decider.store().renew(ids, holder, now.steady,
                        [ids, places = std::move(places), batch,
                         ask_rules](const Result<std::vector<Renewal>, StoreError>& outcomes) {
                          if (!outcomes) batch->store_failed = true;
                          for (std::size_t i = 0; outcomes && i < outcomes->size(); ++i) {
                            if ((*outcomes)[i] == Renewal::kNotFound) batch->not_found(places[i]);
                            if ((*outcomes)[i] == Renewal::kForRules) ask_rules(ids[i], places[i]);
                          }
                          batch->finish_one();
                        });
}

}  // namespace weir::control::store
