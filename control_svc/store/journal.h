// What a store in memory needs from whatever makes its commits last.
#pragma once

#include <functional>
#include <vector>

#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_record.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Called by the store under the lock of the record's bucket, so in the order of the commits of
// each record: quick, and without calling the store. `reply` comes later, on another thread, when
// the change is on disk; its events are told then, not before.
class Journal {
 public:
  virtual ~Journal() = default;
  // False: changes cannot be made to last now, so none should be made.
  virtual bool accepts() const = 0;
  // A vacant record is removed.
  virtual void user_changed(const domain::UserRecord& record, std::vector<domain::Event> events,
                            Reply<Done> reply) = 0;
  virtual void claim_changed(const domain::StreamClaim& claim, bool removed, Reply<Done> reply) = 0;
  virtual void fleet_changed(const domain::FleetRecord& fleet, std::vector<domain::Event> events,
                             Reply<Done> reply) = 0;
};

}  // namespace weir::control::store
