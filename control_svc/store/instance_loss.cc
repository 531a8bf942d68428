#include "control_svc/store/instance_loss.h"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_rules.h"

namespace weir::control::store {

using domain::SessionId;
using domain::UserRecord;

// Looks first and interrupts then, bucket by bucket: a visitor may not call the store.
Operation interrupt_held(const Decider& decider, GoneHolders gone, Now now,
                         std::function<void(std::size_t)> done) {
  struct Held {
    SessionId session;
    std::uint32_t holder;
    bool cut_by_drain;
  };
  struct Progress {
    std::atomic<std::size_t> interrupted{0};
    // One for the search itself.
    std::atomic<std::size_t> pending{1};
  };
  const auto progress = std::make_shared<Progress>();
  const auto finish_one = [progress, done = std::move(done)] {
    if (progress->pending.fetch_sub(1) == 1) done(progress->interrupted);
  };
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    std::vector<Held> held;
    const auto look = [&](const UserRecord& record) {
      for (const domain::Session& session : record.sessions) {
        const auto found = gone.find(session.lease.holder);
        if (found == gone.end() || !session.live()) continue;
        held.push_back({session.id, found->first, found->second});
      }
    };
    // A bucket that cannot be seen now is left to its sessions' deadlines.
    co_await awaited<Done>(
        [&](auto next) { decider.store().visit_users(bucket, look, std::move(next)); });
    for (const Held& each : held) {
      ++progress->pending;
      decider.decide_session<domain::UserSession>(
          each.session, now,
          [each](UserRecord record, const SessionId& session, const domain::Context& context) {
            return domain::instance_gone(std::move(record), session, each.holder, each.cut_by_drain,
                                         context);
          },
          [progress, finish_one](const domain::Outcome<domain::UserSession>& outcome) {
            if (outcome) ++progress->interrupted;
            finish_one();
          });
    }
  }
  finish_one();
}

}  // namespace weir::control::store
