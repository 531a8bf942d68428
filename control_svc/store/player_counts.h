// How many live play sessions each stream has, so that telling it costs no pass over all users.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "control_svc/domain/user_record.h"

namespace weir::control::store {

// Owned by a store, which reports each change of a record once, in any order, from any thread; its
// lock is taken after those of the records. Keeps a digest for a stream's name: a million streams
// with one player each are to stay small.
class PlayerCounts {
 public:
  // `before` null: there was none.
  void change(const domain::UserRecord* before, const domain::UserRecord& after);
  std::size_t of(std::string_view stream_id) const;

 private:
  struct Shard {
    mutable std::mutex mutex;
    boost::unordered_flat_map<std::uint64_t, std::int32_t> players;
  };

  static std::uint64_t digest_of(std::string_view stream_id);
  Shard& shard_of(std::uint64_t digest) { return shards_[digest % shards_.size()]; }
  const Shard& shard_of(std::uint64_t digest) const { return shards_[digest % shards_.size()]; }
  void add(std::string_view stream_id, std::int32_t players);

  std::array<Shard, 64> shards_;
};

}  // namespace weir::control::store
