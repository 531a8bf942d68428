#include "control_svc/store/expiry.h"

#include <atomic>
#include <memory>
#include <utility>

#include "control_svc/domain/session_rules.h"
#include "control_svc/domain/stream_claim.h"

namespace weir::control::store {
namespace {

// Lost to somebody who uses the claim, it needs no review.
Operation review_claim(const Decider& decider, domain::Text stream_id, Now now,
                       std::function<void()> done) {
  RecordStore& store = decider.store();
  auto claim = co_await awaited<Loaded<domain::StreamClaim>>(
      [&](auto next) { store.load_claim(stream_id.view(), std::move(next)); });
  if (!claim || claim->version == 0) co_return done();
  const auto owner = co_await awaited<Loaded<domain::UserRecord>>(
      [&](auto next) { store.load_owner(claim->record.holder, std::move(next)); });
  if (!owner) co_return done();
  const domain::Session* holder = owner->record.find(claim->record.holder);
  const auto again = domain::next_review(holder, decider.context(now));
  claim->record.review_at = again.value_or(domain::kNever);
  ClaimCommit commit{std::move(claim->record), claim->version, !again.has_value(), {}};
  co_await awaited<Done>(
      [&](auto next) { store.commit_claim(std::move(commit), std::move(next)); });
  done();
}

}  // namespace

Operation expire_due(const Decider& decider, Now now, std::size_t limit,
                     std::function<void(std::size_t)> done) {
  const auto due = co_await awaited<RecordStore::Due>(
      [&](auto next) { decider.store().due(now.steady, limit, std::move(next)); });
  if (!due) co_return done(0);
  const std::size_t count = due->users.size() + due->streams.size();
  // One more for this function, so that the last to finish is never among the first.
  const auto pending = std::make_shared<std::atomic<std::size_t>>(count + 1);
  const auto finish_one = [pending, count, done = std::move(done)] {
    if (pending->fetch_sub(1) == 1) done(count);
  };
  for (const domain::Text& user : due->users) {
    decider.decide_user<bool>(user.str(), now, domain::expire,
                              [finish_one](const domain::Outcome<bool>&) { finish_one(); });
  }
  for (const domain::Text& stream : due->streams) review_claim(decider, stream, now, finish_one);
  finish_one();
}

}  // namespace weir::control::store
