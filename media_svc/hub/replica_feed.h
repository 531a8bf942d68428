// Fills another worker's log with what is published on this one.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "common/clock.h"
#include "media_svc/hub/cursor.h"
#include "media_svc/hub/stream_log.h"
#include "media_svc/hub/worker.h"

namespace weir::media::hub {

// One for each worker that has viewers of a publication; owned by its Origin, on the origin's
// worker. A reader of the origin's log like any other: a worker that takes too long is sent less,
// and goes on at a keyframe.
class ReplicaFeed {
 public:
  static constexpr std::size_t kMaxInFlight = std::size_t{8} * 1024 * 1024;

  // Begins the publication in the replica and sends what a new viewer would get.
  ReplicaFeed(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> replica,
              PublicationId publication, const StreamLog& log, SteadyTime now);

  // One posted batch with all that is new; none while more than kMaxInFlight bytes wait there.
  void pump(SteadyTime now);
  // Sends the rest, then the end.
  void end(EndReason reason, SteadyTime now);

  // Nobody on that worker needs it any more.
  bool abandoned() const { return replica_.expired(); }

 private:
  void send(SteadyTime now);

  const Post* post_;
  WorkerId worker_;
  std::weak_ptr<StreamLog> replica_;
  PublicationId publication_;
  Cursor cursor_;
  // Bytes posted and not yet taken in; shared with the posted work.
  std::shared_ptr<std::atomic<std::size_t>> in_flight_;
};

}  // namespace weir::media::hub
