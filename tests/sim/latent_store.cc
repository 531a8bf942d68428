#include "tests/sim/latent_store.h"

#include <utility>

namespace weir::sim {

LatentStore::LatentStore(store::RecordStore& real, Timeline& timeline, Random& random,
                         PlantedFault planted)
    : real_(real), timeline_(timeline), random_(random), planted_(planted) {}

void LatentStore::stop() {
  alive_.reset();
  while (!give_up_.empty()) {
    for (const auto& [number, give_up] : std::exchange(give_up_, {})) give_up();
  }
}

template <class T>
store::Reply<T> LatentStore::late(store::Reply<T> reply) {
  constexpr double kLate = 0.2;
  static constexpr Duration kLatest{40};
  if (alive_ && !random_.chance(kLate)) return reply;
  return [this, reply = std::move(reply)](Result<T, store::StoreError> result) {
    if (!alive_) return reply(store::StoreError::kUnavailable);
    const std::uint64_t number = ++numbered_;
    give_up_[number] = [reply] { reply(store::StoreError::kUnavailable); };
    timeline_.after(random_.between(Duration{1}, kLatest),
                    [this, number, reply, result = std::move(result),
                     alive = std::weak_ptr<bool>(alive_)]() mutable {
                      if (alive.expired() || give_up_.erase(number) == 0) return;
                      reply(std::move(result));
                    });
  };
}

void LatentStore::load_user(std::string_view user_id,
                            store::Reply<store::Loaded<domain::UserRecord>> reply) {
  real_.load_user(user_id, late(std::move(reply)));
}

void LatentStore::load_owner(const domain::SessionId& id,
                             store::Reply<store::Loaded<domain::UserRecord>> reply) {
  real_.load_owner(id, late(std::move(reply)));
}

void LatentStore::load_claim(std::string_view stream_id,
                             store::Reply<store::Loaded<domain::StreamClaim>> reply) {
  real_.load_claim(stream_id, late(std::move(reply)));
}

void LatentStore::load_fleet(store::Reply<store::Loaded<domain::FleetSnapshot>> reply) {
  real_.load_fleet(late(std::move(reply)));
}

void LatentStore::commit_user(store::UserCommit commit, store::Reply<store::Done> reply) {
  if (planted_ == PlantedFault::kLostUpdate) {
    real_.load_user(commit.record.user_id.view(), [&](const auto& current) {
      if (current) commit.expected = current->version;
    });
  }
  real_.commit_user(std::move(commit), std::move(reply));
}

void LatentStore::commit_claim(store::ClaimCommit commit, store::Reply<store::Done> reply) {
  real_.commit_claim(std::move(commit), std::move(reply));
}

void LatentStore::commit_fleet(store::FleetCommit commit, store::Reply<store::Done> reply) {
  real_.commit_fleet(std::move(commit), std::move(reply));
}

void LatentStore::renew(std::span<const domain::SessionId> ids, std::uint32_t holder,
                        SteadyTime now, store::Reply<std::vector<store::Renewal>> reply) {
  real_.renew(ids, holder, now, std::move(reply));
}

void LatentStore::due(SteadyTime now, std::size_t limit, store::Reply<Due> reply) {
  real_.due(now, limit, std::move(reply));
}

void LatentStore::count_players(std::vector<domain::Text> streams,
                                store::Reply<std::vector<std::size_t>> reply) {
  real_.count_players(std::move(streams), late(std::move(reply)));
}

void LatentStore::visit_users(std::size_t bucket, store::UserVisitor visitor,
                              store::Reply<store::Done> reply) {
  real_.visit_users(bucket, std::move(visitor), std::move(reply));
}

void LatentStore::visit_claims(std::size_t bucket, std::string_view after,
                               store::ClaimVisitor visitor, store::Reply<store::Done> reply) {
  real_.visit_claims(bucket, after, std::move(visitor), std::move(reply));
}

}  // namespace weir::sim
