#include "control_svc/store/expiry.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

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
  ClaimCommit commit{std::move(claim->record), claim->version, !again.has_value()};
  co_await awaited<Done>(
      [&](auto next) { store.commit_claim(std::move(commit), std::move(next)); });
  done();
}

// Moves the last `limit` entries of `from`.
std::vector<domain::Text> take_last(std::vector<domain::Text>& from, std::size_t limit) {
  const auto first = from.end() - static_cast<std::ptrdiff_t>(std::min(limit, from.size()));
  std::vector<domain::Text> taken(std::move_iterator(first), std::move_iterator(from.end()));
  from.erase(first, from.end());
  return taken;
}

}  // namespace

bool Expiry::listed_any() const {
  const std::scoped_lock lock(mutex_);
  return !listed_.users.empty() || !listed_.streams.empty();
}

void Expiry::list(RecordStore::Due due) {
  const std::scoped_lock lock(mutex_);
  std::ranges::move(due.users, std::back_inserter(listed_.users));
  std::ranges::move(due.streams, std::back_inserter(listed_.streams));
  std::ranges::sort(listed_.users, std::ranges::greater(), &domain::Text::view);
  std::ranges::sort(listed_.streams, std::ranges::greater(), &domain::Text::view);
}

RecordStore::Due Expiry::take(std::size_t limit) {
  const std::scoped_lock lock(mutex_);
  return {take_last(listed_.users, limit), take_last(listed_.streams, limit)};
}

Operation Expiry::run(Now now, std::size_t limit, std::function<void(std::size_t)> done) {
  if (overtaken_.due(now)) {
    co_await awaited<Done>(
        [&](auto next) { overtaken_.look(now, [next = std::move(next)] { next(Done{}); }); });
  }
  if (!listed_any()) {
    auto due = co_await awaited<RecordStore::Due>(
        [&](auto next) { decider_.store().due(now.steady, kMostListed, std::move(next)); });
    if (!due) co_return done(0);
    list(*std::move(due));
  }
  const RecordStore::Due due = take(limit);
  const std::size_t count = due.users.size() + due.streams.size();
  // One more for this function, so that the last to finish is never among the first.
  const auto pending = std::make_shared<std::atomic<std::size_t>>(count + 1);
  const auto finish_one = [pending, count, done = std::move(done)] {
    if (pending->fetch_sub(1) == 1) done(count);
  };
  for (const domain::Text& user : due.users) {
    decider_.decide_user<bool>(user.str(), now, domain::expire,
                               [finish_one](const domain::Outcome<bool>&) { finish_one(); });
  }
  for (const domain::Text& stream : due.streams) review_claim(decider_, stream, now, finish_one);
  finish_one();
}

}  // namespace weir::control::store
