#include "media_svc/net/worker_pool.h"

#include <algorithm>

namespace weir::media::net {

WorkerPool::WorkerPool(std::size_t size) {
  for (std::uint32_t id = 0; id < std::max<std::size_t>(size, 1); ++id) {
    workers_.push_back(std::make_unique<Worker>(id));
  }
}

void WorkerPool::start() {
  for (const auto& worker : workers_) worker->start();
}

void WorkerPool::close_connections() {
  for (const auto& worker : workers_) worker->close_connections();
}

void WorkerPool::move_connections() {
  for (const auto& worker : workers_) worker->move_connections();
}

void WorkerPool::stop() {
  for (const auto& worker : workers_) worker->stop();
}

Worker& WorkerPool::least_loaded() {
  const auto least = std::ranges::min_element(
      workers_, {}, [](const std::unique_ptr<Worker>& worker) { return worker->load(); });
  return **least;
}

}  // namespace weir::media::net
