// A publication where it is published: its log, and the feeds to other workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "media_svc/hub/publication.h"
#include "media_svc/hub/replica_feed.h"
#include "media_svc/hub/stream_log.h"
#include "media_svc/hub/worker.h"

namespace weir::media::hub {

class Registry;

// Owned by its Publication and used on its worker; the registry and other workers reach it through
// work posted there.
class Origin {
 public:
  struct Identity {
    std::string name;
    WorkerId worker = 0;
    PublicationId id = 0;
    std::int64_t epoch = 0;
  };

  Origin(Registry& registry, Identity identity, std::shared_ptr<StreamLog> log,
         PublicationEvents events);
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;

  void begin();
  // Somebody attached to the name, on this worker or another.
  void attached(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> log);
  // Another worker's log of the name is filled from here on.
  void feed(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> replica);
  void append(const FrameHandle& frame, SteadyTime now);
  void commit();
  bool is_start(const Frame& frame, SteadyTime now) const { return log_->is_start(frame, now); }
  bool has_readers() const { return log_->has_listener() || !feeds_.empty(); }
  // Once; the origin is of no use afterwards.
  void end(EndReason reason);
  // A newer publisher has the name.
  void replaced();

  const Identity& identity() const { return identity_; }

 private:
  Registry& registry_;
  const Identity identity_;
  std::shared_ptr<StreamLog> log_;
  PublicationEvents events_;
  std::vector<ReplicaFeed> feeds_;
  // When the newest frame arrived.
  SteadyTime newest_{};
};

}  // namespace weir::media::hub
