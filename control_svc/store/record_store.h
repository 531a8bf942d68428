// What every store can do, and all that it has to know: records, versions, deadlines, events.
// The rules live in control_svc/domain; one contract suite holds every store to this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::store {

enum class StoreError : std::uint8_t {
  // Somebody else committed the record since it was loaded: load again, decide again.
  kConflict,
  // The store cannot promise durability now; nothing was changed, or it is not known to have been.
  kUnavailable,
};

// Rises with every commit and renewal of a record; 0: there is no such record.
using Version = std::uint64_t;

template <class Record>
struct Loaded {
  Record record;
  Version version = 0;
};

// Called exactly once: before the call returns, or later on a thread of the store.
template <class T>
using Reply = std::function<void(Result<T, StoreError>)>;
struct Done {};

// Told of committed events once they may be told, in the order of the commits of each record;
// quick, on any thread, without calling the store.
using EventSink = std::function<void(std::vector<domain::Event>)>;

// A record to put in place of the version that was loaded. A vacant record is removed.
struct UserCommit {
  domain::UserRecord record;
  Version expected = 0;
  std::vector<domain::Event> events;
  // False: a restart may forget the change, so it need not become durable; it has no events.
  bool lasting = true;
};

struct ClaimCommit {
  domain::StreamClaim claim;
  Version expected = 0;
  bool remove = false;
};

struct FleetCommit {
  domain::FleetSnapshot record;
  Version expected = 0;
  std::vector<domain::Event> events;
  // False: only what instances say again and again has changed. A restart may forget it, so it
  // need not become durable; it has no events.
  bool lasting = true;
};

enum class Renewal : std::uint8_t {
  kRenewed,
  // No live or ended session of this id.
  kNotFound,
  // Ended, overdue, held by somebody else, or changed by more than a deadline: ask the rules.
  kForRules,
};

using UserVisitor = std::function<void(const domain::UserRecord&)>;
// False: it has seen enough.
using ClaimVisitor = std::function<bool(const domain::StreamClaim&)>;

// Any function from any thread; replies may call the store again.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  // A user without a record is loaded as an empty record of version 0.
  virtual void load_user(std::string_view user_id, Reply<Loaded<domain::UserRecord>> reply) = 0;
  // The record that holds the session, live or ended; version 0 when nobody's does.
  virtual void load_owner(const domain::SessionId& id, Reply<Loaded<domain::UserRecord>> reply) = 0;
  virtual void load_claim(std::string_view stream_id, Reply<Loaded<domain::StreamClaim>> reply) = 0;
  virtual void load_fleet(Reply<Loaded<domain::FleetSnapshot>> reply) = 0;

  // Record, next deadline and events in one atomic step, or nothing. Replies when it is durable.
  virtual void commit_user(UserCommit commit, Reply<Done> reply) = 0;
  virtual void commit_claim(ClaimCommit commit, Reply<Done> reply) = 0;
  virtual void commit_fleet(FleetCommit commit, Reply<Done> reply) = 0;

  // Moves the deadlines of live sessions in bulk, as their leases allow; never durable. `holder` 0
  // renews whoever holds them. The reply has one outcome for each id, in their order; the ids stay
  // with the caller until then.
  virtual void renew(std::span<const domain::SessionId> ids, std::uint32_t holder, SteadyTime now,
                     Reply<std::vector<Renewal>> reply) = 0;

  // Users and streams whose deadline has come, at most `limit` of each. Each is listed once; again
  // only when a commit gives it a deadline, or after a while without one.
  struct Due {
    std::vector<domain::Text> users;
    std::vector<domain::Text> streams;
  };
  virtual void due(SteadyTime now, std::size_t limit, Reply<Due> reply) = 0;

  // Of each stream, in their order: its play sessions that are live on record. One whose deadline
  // has come counts until its end is committed.
  virtual void count_players(std::vector<domain::Text> streams,
                             Reply<std::vector<std::size_t>> reply) = 0;

  // Every user of a bucket, in no order. A visitor must be quick and not call the store.
  virtual void visit_users(std::size_t bucket, UserVisitor visitor, Reply<Done> reply) = 0;
  // The claims of a bucket (by bucket_of(stream_id)) whose streams come after `after`, in their
  // order, until the visitor has seen enough. Costs no more than what is visited.
  virtual void visit_claims(std::size_t bucket, std::string_view after, ClaimVisitor visitor,
                            Reply<Done> reply) = 0;
};

}  // namespace weir::control::store
