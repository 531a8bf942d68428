// Whether the workers get on with their work, as the probes and the shutdown want to know it.
#pragma once

#include <atomic>

#include "media_svc/drain/stall_watch.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/worker_pool.h"

namespace weir::media {

// Owned by main; outlived by the workers. `look` is for one thread, which is none of theirs; the
// rest for any.
class WorkerWatch {
 public:
  WorkerWatch(const net::WorkerPool& workers, MediaMetrics& metrics);

  // To be called once every StallWatch::kLook while the workers run.
  void look();
  // A worker stands still: what it has is lost until a restart, and new connections may come to it.
  bool stalled() const { return stalled_; }
  // It has for so long that the process is to be ended from outside.
  bool stuck() const { return stuck_; }

 private:
  const net::WorkerPool& workers_;
  MediaMetrics& metrics_;
  drain::StallWatch watch_;
  std::atomic<bool> stalled_ = false;
  std::atomic<bool> stuck_ = false;
};

}  // namespace weir::media
