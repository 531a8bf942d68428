// A store that takes its time: what an operation has loaded may be old when it decides.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control_svc/store/record_store.h"
#include "tests/sim/names.h"
#include "tests/sim/random.h"
#include "tests/sim/settings.h"
#include "tests/sim/timeline.h"

namespace weir::sim {

// In front of the real store, whose loads reply at once. Also where a store is made to forget
// versions, if that fault is planted.
class LatentStore final : public store::RecordStore {
 public:
  LatentStore(store::RecordStore& real, Timeline& timeline, Random& random, PlantedFault planted);
  // Whoever waits hears that the store has gone, and so does whoever asks from now on.
  void stop();

  void load_user(std::string_view user_id,
                 store::Reply<store::Loaded<domain::UserRecord>> reply) override;
  void load_owner(const domain::SessionId& id,
                  store::Reply<store::Loaded<domain::UserRecord>> reply) override;
  void load_claim(std::string_view stream_id,
                  store::Reply<store::Loaded<domain::StreamClaim>> reply) override;
  void load_fleet(store::Reply<store::Loaded<domain::FleetSnapshot>> reply) override;
  void commit_user(store::UserCommit commit, store::Reply<store::Done> reply) override;
  void commit_claim(store::ClaimCommit commit, store::Reply<store::Done> reply) override;
  void commit_fleet(store::FleetCommit commit, store::Reply<store::Done> reply) override;
  void renew(std::span<const domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
             store::Reply<std::vector<store::Renewal>> reply) override;
  void due(SteadyTime now, std::size_t limit, store::Reply<Due> reply) override;
  void count_players(std::vector<domain::Text> streams,
                     store::Reply<std::vector<std::size_t>> reply) override;
  void visit_users(std::size_t bucket, store::UserVisitor visitor,
                   store::Reply<store::Done> reply) override;
  void visit_claims(std::size_t bucket, std::string_view after, store::ClaimVisitor visitor,
                    store::Reply<store::Done> reply) override;

 private:
  // Most of the time at once, else later.
  template <class T>
  store::Reply<T> late(store::Reply<T> reply);

  store::RecordStore& real_;
  Timeline& timeline_;
  Random& random_;
  const PlantedFault planted_;
  std::uint64_t numbered_ = 0;
  // What is on its way, and how to say that it will never come.
  std::map<std::uint64_t, std::function<void()>> give_up_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weir::sim
