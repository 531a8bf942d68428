#include "media_svc/worker_watch.h"

#include "common/log/log.h"

namespace weir::media {

WorkerWatch::WorkerWatch(const net::WorkerPool& workers, MediaMetrics& metrics)
    : workers_(workers), metrics_(metrics), watch_(workers.size()) {}

void WorkerWatch::look() {
  watch_.look(workers_.turns());
  const std::size_t stalled = watch_.stalled();
  metrics_.workers_stalled.Set(static_cast<double>(stalled));
  stuck_ = watch_.stuck();
  const bool before = stalled_.exchange(stalled > 0);
  if (before == stalled_) return;
  if (stalled > 0) {
    log::error("worker.stalled", {{"workers", stalled}}, "a worker stands still");
  } else {
    log::warn("worker.recovered", {}, "all workers turn again");
  }
}

}  // namespace weir::media
