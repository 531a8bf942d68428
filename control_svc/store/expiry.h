// What is due: sessions that lapsed, memories to drop, claims that nobody needs, publishers that
// lost their stream and were not ended.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>

#include "common/clock.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/overtaken_publishers.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Lists what is due and deals with it in pieces. Owned by the operations, used from any thread.
class Expiry {
 public:
  Expiry(const Decider& decider, OvertakenPublishers& overtaken)
      : decider_(decider), overtaken_(overtaken) {}

  // See SessionOperations::expire_due.
  Operation run(Now now, std::size_t limit, std::function<void(std::size_t)> done);

 private:
  // Of users, and of streams, that are listed at a time.
  static constexpr std::size_t kMostListed = 100'000;

  bool listed_any() const;
  void list(RecordStore::Due due);
  RecordStore::Due take(std::size_t limit);

  const Decider& decider_;
  OvertakenPublishers& overtaken_;
  mutable std::mutex mutex_;
  // Listed and not dealt with yet, the next ones last. In the order of their keys: a journal then
  // has the records of a burst side by side, and writes each of its pages once.
  RecordStore::Due listed_;
};

}  // namespace weir::control::store
