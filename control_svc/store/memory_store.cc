#include "control_svc/store/memory_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "control_svc/store/player_counts.h"
#include "control_svc/store/record_table.h"

namespace weir::control::store {
namespace {

using domain::Session;
using domain::SessionId;
using domain::StreamClaim;
using domain::Text;
using domain::UserRecord;

constexpr std::size_t kCacheLine = 64;

struct SessionIdHash {
  std::size_t operator()(const SessionId& id) const { return id.hash(); }
};

// The users of one bucket and, by session, where their record is.
struct alignas(kCacheLine) UserBucket {
  using Table = RecordTable<UserRecord>;

  std::mutex mutex;
  Version last_version = 0;
  Table users;
  boost::unordered_flat_map<SessionId, Table::Slot, SessionIdHash> owners;
  // Kept for its memory; one entry for each session that is being renewed.
  std::vector<Table::Row*> rows_to_renew;

  Table::Row* owner_of(const SessionId& id) {
    const auto found = owners.find(id);
    return found == owners.end() ? nullptr : &users.row(found->second);
  }

  Version version_of(std::optional<Table::Slot> slot) {
    return slot ? users.row(*slot).version : 0;
  }

  // In place of the user's record before, which is in slot `before`.
  void put(std::optional<Table::Slot> before, UserRecord&& record, PlayerCounts& players) {
    const UserRecord* old = before ? &users.row(*before).record : nullptr;
    players.change(old, record);
    if (old != nullptr) {
      for (const Session& session : old->sessions) {
        if (record.find(session.id) == nullptr) owners.erase(session.id);
      }
    }
    if (record.vacant()) {
      users.remove(record.user_id.view());
      return;
    }
    const Table::Slot slot = users.put(before, std::move(record), ++last_version);
    for (const Session& session : users.row(slot).record.sessions) {
      owners.try_emplace(session.id, slot);
    }
  }

  // In passes, each of which asks memory for what the next one reads: a batch waits for a few of
  // its records at a time, not for one after the other.
  void renew(std::span<const SessionId> ids, std::span<const std::uint32_t> places,
             std::uint32_t holder, SteadyTime now, std::vector<Renewal>& outcomes) {
    rows_to_renew.clear();
    for (const std::uint32_t place : places) rows_to_renew.push_back(owner_of(ids[place]));
    for (const Table::Row* row : rows_to_renew) {
      if (row != nullptr) __builtin_prefetch(row->record.sessions.data());
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      outcomes[places[i]] = renew(rows_to_renew[i], ids[places[i]], holder, now);
    }
  }

  Renewal renew(Table::Row* row, const SessionId& id, std::uint32_t holder, SteadyTime now) {
    if (row == nullptr) return Renewal::kNotFound;
    domain::Lease& lease = row->record.find(id)->lease;
    const bool for_rules =
        lease.renew_for_ms == 0 || now >= lease.deadline || (holder != 0 && holder != lease.holder);
    if (for_rules) return Renewal::kForRules;
    lease.last_touch = now;
    const SteadyTime renewed = now + Duration{lease.renew_for_ms};
    lease.deadline = std::max(lease.deadline, std::min(renewed, lease.not_after));
    row->version = ++last_version;
    return Renewal::kRenewed;
  }
};

// Where in a list of sessions those of each bucket are.
class PlacesByBucket {
 public:
  explicit PlacesByBucket(std::span<const SessionId> ids) : places_(ids.size()) {
    for (const SessionId& id : ids) ++begins_[id.bucket() + 1];
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    std::array<std::uint32_t, domain::kBuckets + 1> next = begins_;
    for (std::uint32_t place = 0; place < ids.size(); ++place) {
      places_[next[ids[place].bucket()]++] = place;
    }
  }

  std::span<const std::uint32_t> of(std::size_t bucket) const {
    return std::span(places_).subspan(begins_[bucket], begins_[bucket + 1] - begins_[bucket]);
  }

 private:
  // Of the bucket's first place in places_; one more ends the last.
  std::array<std::uint32_t, domain::kBuckets + 1> begins_{};
  std::vector<std::uint32_t> places_;
};

struct TextOrder {
  using is_transparent = void;
  static std::string_view view(const Text& text) { return text.view(); }
  static std::string_view view(std::string_view text) { return text; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return view(a) < view(b);
  }
};

struct alignas(kCacheLine) ClaimBucket {
  using Table = RecordTable<StreamClaim>;

  std::mutex mutex;
  Version last_version = 0;
  Table claims;
  // For lists, which come page by page.
  std::map<Text, Table::Slot, TextOrder> in_order;

  Version version_of(std::optional<Table::Slot> slot) {
    return slot ? claims.row(*slot).version : 0;
  }

  void put(std::optional<Table::Slot> before, StreamClaim&& claim) {
    const Table::Slot slot = claims.put(before, std::move(claim), ++last_version);
    if (!before) in_order.emplace(claims.row(slot).record.stream_id, slot);
  }

  void remove(std::string_view stream_id) {
    claims.remove(stream_id);
    const auto found = in_order.find(stream_id);
    if (found != in_order.end()) in_order.erase(found);
  }
};

}  // namespace

class MemoryStore::Buckets {
 public:
  explicit Buckets(EventSink sink) : events(std::move(sink)) {}
  explicit Buckets(Journal& keeper) : journal(&keeper) {}

  UserBucket& of_user(std::string_view user_id) { return users[domain::bucket_of(user_id)]; }
  ClaimBucket& of_stream(std::string_view stream_id) {
    return claims[domain::bucket_of(stream_id)];
  }

  bool accepts() const { return journal == nullptr || journal->accepts(); }

  void tell(std::vector<domain::Event> committed) const {
    if (!committed.empty()) events(std::move(committed));
  }

  const EventSink events;
  Journal* const journal = nullptr;
  std::array<UserBucket, domain::kBuckets> users;
  PlayerCounts players;
  std::array<ClaimBucket, domain::kBuckets> claims;
  std::mutex fleet_mutex;
  domain::FleetSnapshot fleet = std::make_shared<const domain::FleetRecord>();
  Version fleet_version = 0;
  // Where the next search for due records begins, so that no bucket starves.
  std::atomic<std::size_t> due_from{0};
};

MemoryStore::MemoryStore(EventSink events)
    : buckets_(std::make_unique<Buckets>(std::move(events))) {}

MemoryStore::MemoryStore(Journal& journal) : buckets_(std::make_unique<Buckets>(journal)) {}

MemoryStore::~MemoryStore() = default;

void MemoryStore::restore(UserRecord record) {
  UserBucket& bucket = buckets_->of_user(record.user_id.view());
  const std::scoped_lock lock(bucket.mutex);
  bucket.put(bucket.users.slot_of(record.user_id.view()), std::move(record), buckets_->players);
}

void MemoryStore::restore(StreamClaim claim) {
  ClaimBucket& bucket = buckets_->of_stream(claim.stream_id.view());
  const std::scoped_lock lock(bucket.mutex);
  bucket.put(bucket.claims.slot_of(claim.stream_id.view()), std::move(claim));
}

void MemoryStore::restore(domain::FleetSnapshot fleet) {
  const std::scoped_lock lock(buckets_->fleet_mutex);
  buckets_->fleet = std::move(fleet);
  ++buckets_->fleet_version;
}

void MemoryStore::load_user(std::string_view user_id, Reply<Loaded<UserRecord>> reply) {
  Loaded<UserRecord> loaded;
  UserBucket& bucket = buckets_->of_user(user_id);
  {
    const std::scoped_lock lock(bucket.mutex);
    if (const auto* row = bucket.users.find(user_id)) loaded = {row->record, row->version};
  }
  if (loaded.version == 0) loaded.record.user_id = Text(user_id);
  reply(std::move(loaded));
}

void MemoryStore::load_owner(const SessionId& id, Reply<Loaded<UserRecord>> reply) {
  Loaded<UserRecord> loaded;
  UserBucket& bucket = buckets_->users[id.bucket()];
  {
    const std::scoped_lock lock(bucket.mutex);
    if (const auto* row = bucket.owner_of(id)) loaded = {row->record, row->version};
  }
  reply(std::move(loaded));
}

void MemoryStore::load_claim(std::string_view stream_id, Reply<Loaded<StreamClaim>> reply) {
  Loaded<StreamClaim> loaded;
  ClaimBucket& bucket = buckets_->of_stream(stream_id);
  {
    const std::scoped_lock lock(bucket.mutex);
    if (const auto* row = bucket.claims.find(stream_id)) loaded = {row->record, row->version};
  }
  if (loaded.version == 0) loaded.record.stream_id = Text(stream_id);
  reply(std::move(loaded));
}

void MemoryStore::load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) {
  Loaded<domain::FleetSnapshot> loaded;
  {
    const std::scoped_lock lock(buckets_->fleet_mutex);
    loaded = {buckets_->fleet, buckets_->fleet_version};
  }
  reply(std::move(loaded));
}

// Whatever follows a commit is handed on under the lock of its bucket: that keeps it in order.
void MemoryStore::commit_user(UserCommit commit, Reply<Done> reply) {
  if (commit.lasting && !buckets_->accepts()) return reply(StoreError::kUnavailable);
  UserBucket& bucket = buckets_->of_user(commit.record.user_id.view());
  std::unique_lock lock(bucket.mutex);
  const auto before = bucket.users.slot_of(commit.record.user_id.view());
  if (bucket.version_of(before) != commit.expected) {
    lock.unlock();
    return reply(StoreError::kConflict);
  }
  if (buckets_->journal != nullptr && commit.lasting) {
    buckets_->journal->user_changed(commit.record, std::move(commit.events), std::move(reply));
    bucket.put(before, std::move(commit.record), buckets_->players);
    return;
  }
  bucket.put(before, std::move(commit.record), buckets_->players);
  if (commit.lasting) buckets_->tell(std::move(commit.events));
  lock.unlock();
  reply(Done{});
}

void MemoryStore::commit_claim(ClaimCommit commit, Reply<Done> reply) {
  if (!buckets_->accepts()) return reply(StoreError::kUnavailable);
  ClaimBucket& bucket = buckets_->of_stream(commit.claim.stream_id.view());
  std::unique_lock lock(bucket.mutex);
  const auto before = bucket.claims.slot_of(commit.claim.stream_id.view());
  if (bucket.version_of(before) != commit.expected) {
    lock.unlock();
    return reply(StoreError::kConflict);
  }
  const auto put_in_place = [&bucket, before, &commit] {
    if (commit.remove) {
      bucket.remove(commit.claim.stream_id.view());
    } else {
      bucket.put(before, std::move(commit.claim));
    }
  };
  if (buckets_->journal != nullptr) {
    buckets_->journal->claim_changed(commit.claim, commit.remove, std::move(reply));
    put_in_place();
    return;
  }
  put_in_place();
  lock.unlock();
  reply(Done{});
}

void MemoryStore::commit_fleet(FleetCommit commit, Reply<Done> reply) {
  if (!buckets_->accepts()) return reply(StoreError::kUnavailable);
  std::unique_lock lock(buckets_->fleet_mutex);
  if (buckets_->fleet_version != commit.expected) {
    lock.unlock();
    return reply(StoreError::kConflict);
  }
  buckets_->fleet = std::move(commit.record);
  ++buckets_->fleet_version;
  if (buckets_->journal != nullptr && commit.lasting) {
    buckets_->journal->fleet_changed(*buckets_->fleet, std::move(commit.events), std::move(reply));
    return;
  }
  if (commit.lasting) buckets_->tell(std::move(commit.events));
  lock.unlock();
  reply(Done{});
}

void MemoryStore::renew(std::span<const SessionId> ids, std::uint32_t holder, SteadyTime now,
                        Reply<std::vector<Renewal>> reply) {
  std::vector<Renewal> outcomes(ids.size());
  const PlacesByBucket places(ids);
  for (std::size_t i = 0; i < domain::kBuckets; ++i) {
    if (places.of(i).empty()) continue;
    UserBucket& bucket = buckets_->users[i];
    const std::scoped_lock lock(bucket.mutex);
    bucket.renew(ids, places.of(i), holder, now, outcomes);
  }
  reply(std::move(outcomes));
}

void MemoryStore::due(SteadyTime now, std::size_t limit, Reply<Due> reply) {
  Due due;
  const std::size_t from = buckets_->due_from.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < domain::kBuckets; ++i) {
    const std::size_t bucket = (from + i) % domain::kBuckets;
    {
      const std::scoped_lock lock(buckets_->users[bucket].mutex);
      buckets_->users[bucket].users.take_due(now, limit, due.users);
    }
    const std::scoped_lock lock(buckets_->claims[bucket].mutex);
    buckets_->claims[bucket].claims.take_due(now, limit, due.streams);
  }
  reply(std::move(due));
}

void MemoryStore::count_players(std::vector<Text> streams, Reply<std::vector<std::size_t>> reply) {
  std::vector<std::size_t> counts;
  counts.reserve(streams.size());
  for (const Text& stream : streams) counts.push_back(buckets_->players.of(stream.view()));
  reply(std::move(counts));
}

void MemoryStore::visit_users(std::size_t bucket, UserVisitor visitor, Reply<Done> reply) {
  {
    const std::scoped_lock lock(buckets_->users[bucket].mutex);
    buckets_->users[bucket].users.visit(visitor);
  }
  reply(Done{});
}

void MemoryStore::visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                               Reply<Done> reply) {
  {
    ClaimBucket& claims = buckets_->claims[bucket];
    const std::scoped_lock lock(claims.mutex);
    for (auto it = claims.in_order.upper_bound(after); it != claims.in_order.end(); ++it) {
      if (!visitor(claims.claims.row(it->second).record)) break;
    }
  }
  reply(Done{});
}

}  // namespace weir::control::store
