// All workers of the process.
#pragma once

#include <memory>
#include <vector>

#include "media_svc/net/worker.h"

namespace weir::media::net {

// Owned by main, which starts it and stops it; `least_loaded` and `turns` are safe from any thread.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t size);

  void start();
  void close_connections();
  // Closes publishers so that they go on elsewhere, each just before its next keyframe.
  void move_connections();
  // Ends the threads; nothing that lives on them is left afterwards. Idempotent.
  void stop();
  // The same, but false after `limit`: then a thread stands still, and may use anything yet.
  bool stop_within(Duration limit);

  std::size_t size() const { return workers_.size(); }
  Worker& at(std::size_t index) { return *workers_[index]; }
  // Where the next connection goes.
  Worker& least_loaded();
  // Of each worker, as Worker has it.
  std::vector<std::uint64_t> turns() const;

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace weir::media::net
