#include "control_svc/store/overtaken_publishers.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_rules.h"
#include "control_svc/domain/stream_claim.h"

namespace weir::control::store {

using domain::SessionId;
using domain::UserRecord;

void OvertakenPublishers::end(const SessionId& id, const SessionId& by, Now now) {
  replace(id, by, now, [] {});
}

void OvertakenPublishers::replace(const SessionId& id, const SessionId& by, Now now,
                                  std::function<void()> done) {
  decider_.decide_session<domain::UserSession>(
      id, now,
      [by](UserRecord record, const SessionId& session, const domain::Context& context) {
        return domain::replace(std::move(record), session, by, context);
      },
      [this, now, done = std::move(done)](const domain::Outcome<domain::UserSession>& outcome) {
        const bool failed =
            !outcome && outcome.error().reason == domain::RefusalReason::kStoreUnavailable;
        if (failed) suspect(now);
        done();
      });
}

void OvertakenPublishers::suspect(Now now) {
  const std::scoped_lock lock(mutex_);
  if (!next_look_) next_look_ = now.steady + kPause;
}

bool OvertakenPublishers::due(Now now) {
  const std::scoped_lock lock(mutex_);
  if (!next_look_ || now.steady < *next_look_) return false;
  next_look_.reset();
  return true;
}

// Bucket by bucket: a visitor may not call the store. What is found cannot become right again in
// the meantime, because whoever lost the claim is adopted by nobody.
Operation OvertakenPublishers::look(Now now, std::function<void()> done) {
  struct Publisher {
    SessionId session;
    domain::Text stream;
    std::int64_t epoch;
  };
  RecordStore& store = decider_.store();
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    std::vector<Publisher> publishers;
    const auto note = [&publishers](const UserRecord& record) {
      for (const domain::Session& session : record.sessions) {
        if (!session.live() || session.kind != domain::SessionKind::kPublish) continue;
        publishers.push_back({session.id, domain::Text(session.stream_id()), session.epoch});
      }
    };
    const auto visited = co_await awaited<Done>(
        [&](auto next) { store.visit_users(bucket, note, std::move(next)); });
    if (!visited) suspect(now);
    for (const Publisher& each : publishers) {
      const auto claim = co_await awaited<Loaded<domain::StreamClaim>>(
          [&](auto next) { store.load_claim(each.stream.view(), std::move(next)); });
      if (!claim) {
        suspect(now);
      } else if (domain::overtaken(claim->record, each.session, each.epoch)) {
        co_await awaited<Done>([&](auto next) {
          replace(each.session, claim->record.holder, now,
                  [next = std::move(next)] { next(Done{}); });
        });
      }
    }
  }
  done();
}

}  // namespace weir::control::store
