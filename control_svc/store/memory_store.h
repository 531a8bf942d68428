// Every record in memory, spread over buckets with a lock each. The whole store where no file is
// wanted, and the truth in front of a journal where one is.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Told of committed events, in order for each user, once they may be told; any thread.
using EventSink = std::function<void(std::span<const domain::SessionEvent>)>;

class MemoryStore final : public RecordStore {
 public:
  explicit MemoryStore(EventSink events);
  ~MemoryStore() override;

  void load_user(std::string_view user_id, Reply<Loaded<domain::UserRecord>> reply) override;
  void load_owner(const domain::SessionId& id, Reply<Loaded<domain::UserRecord>> reply) override;
  void load_claim(std::string_view stream_id, Reply<Loaded<domain::StreamClaim>> reply) override;
  void load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) override;
  void commit_user(UserCommit commit, Reply<Done> reply) override;
  void commit_claim(ClaimCommit commit, Reply<Done> reply) override;
  void commit_fleet(FleetCommit commit, Reply<Done> reply) override;
  void renew(std::vector<domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
             Reply<std::vector<Renewal>> reply) override;
  void due(SteadyTime now, std::size_t limit, Reply<Due> reply) override;
  void visit_users(std::size_t bucket, Visitor<domain::UserRecord> visitor,
                   Reply<Done> reply) override;
  void visit_claims(std::size_t bucket, Visitor<domain::StreamClaim> visitor,
                    Reply<Done> reply) override;

 private:
  class Buckets;
  std::unique_ptr<Buckets> buckets_;
};

}  // namespace weir::control::store
