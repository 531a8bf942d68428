// Every record in memory, spread over buckets with a lock each. The whole store where no file is
// wanted, and the truth in front of a journal where one is.
#pragma once

#include <memory>

#include "control_svc/store/journal.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

class MemoryStore final : public RecordStore {
 public:
  // Forgets everything with the process. Tells events under the lock of their record's bucket.
  explicit MemoryStore(EventSink events);
  // The truth in front of a journal, which outlives it: replies come when the journal has the
  // change, and none is made while it accepts none.
  explicit MemoryStore(Journal& journal);
  ~MemoryStore() override;

  // What an earlier process left, before anything else is called.
  void restore(domain::UserRecord record);
  void restore(domain::StreamClaim claim);
  void restore(domain::FleetSnapshot fleet);

  void load_user(std::string_view user_id, Reply<Loaded<domain::UserRecord>> reply) override;
  void load_owner(const domain::SessionId& id, Reply<Loaded<domain::UserRecord>> reply) override;
  void load_claim(std::string_view stream_id, Reply<Loaded<domain::StreamClaim>> reply) override;
  void load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) override;
  void commit_user(UserCommit commit, Reply<Done> reply) override;
  void commit_claim(ClaimCommit commit, Reply<Done> reply) override;
  void commit_fleet(FleetCommit commit, Reply<Done> reply) override;
  void renew(std::span<const domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
             Reply<std::vector<Renewal>> reply) override;
  void due(SteadyTime now, std::size_t limit, Reply<Due> reply) override;
  void count_players(std::vector<domain::Text> streams,
                     Reply<std::vector<std::size_t>> reply) override;
  void visit_users(std::size_t bucket, UserVisitor visitor, Reply<Done> reply) override;
  void visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                    Reply<Done> reply) override;

 private:
  class Buckets;
  std::unique_ptr<Buckets> buckets_;
};

}  // namespace weir::control::store
