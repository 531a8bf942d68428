// A store that tells how long another one's operations take, from the call until its reply: for a
// commit that is until it is durable.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Loads and counts are not among them: where memory is the truth they take less time than it takes
// to tell of them.
enum class StoreOperation : std::uint8_t { kCommit, kRenew, kDue, kVisit };

// Called on whatever thread the store replies on.
using OperationObserver = std::function<void(StoreOperation, std::chrono::nanoseconds)>;

// Owned by who owns the store, and outlives it, because it hears the store's last replies.
class TimedStore : public RecordStore {
 public:
  TimedStore(RecordStore& store, OperationObserver observer)
      : store_(store), observer_(std::move(observer)) {}

  void load_user(std::string_view user_id, Reply<Loaded<domain::UserRecord>> reply) override {
    store_.load_user(user_id, std::move(reply));
  }
  void load_owner(const domain::SessionId& id, Reply<Loaded<domain::UserRecord>> reply) override {
    store_.load_owner(id, std::move(reply));
  }
  void load_claim(std::string_view stream_id, Reply<Loaded<domain::StreamClaim>> reply) override {
    store_.load_claim(stream_id, std::move(reply));
  }
  void load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) override {
    store_.load_fleet(std::move(reply));
  }
  void commit_user(UserCommit commit, Reply<Done> reply) override {
    store_.commit_user(std::move(commit), timed(StoreOperation::kCommit, std::move(reply)));
  }
  void commit_claim(ClaimCommit commit, Reply<Done> reply) override {
    store_.commit_claim(std::move(commit), timed(StoreOperation::kCommit, std::move(reply)));
  }
  void commit_fleet(FleetCommit commit, Reply<Done> reply) override {
    store_.commit_fleet(std::move(commit), timed(StoreOperation::kCommit, std::move(reply)));
  }
  void renew(std::span<const domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
             Reply<std::vector<Renewal>> reply) override {
    store_.renew(ids, holder, now, timed(StoreOperation::kRenew, std::move(reply)));
  }
  void due(SteadyTime now, std::size_t limit, Reply<Due> reply) override {
    store_.due(now, limit, timed(StoreOperation::kDue, std::move(reply)));
  }
  void count_players(std::vector<domain::Text> streams,
                     Reply<std::vector<std::size_t>> reply) override {
    store_.count_players(std::move(streams), std::move(reply));
  }
  void visit_users(std::size_t bucket, UserVisitor visitor, Reply<Done> reply) override {
    store_.visit_users(bucket, std::move(visitor), timed(StoreOperation::kVisit, std::move(reply)));
  }
  void visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                    Reply<Done> reply) override {
    store_.visit_claims(bucket, after, std::move(visitor),
                        timed(StoreOperation::kVisit, std::move(reply)));
  }

 private:
  template <class T>
  Reply<T> timed(StoreOperation operation, Reply<T> reply) const {
    return [this, operation, began = std::chrono::steady_clock::now(),
            reply = std::move(reply)](Result<T, StoreError>&& result) {
      observer_(operation, std::chrono::steady_clock::now() - began);
      reply(std::move(result));
    };
  }

  RecordStore& store_;
  const OperationObserver observer_;
};

}  // namespace weir::control::store
