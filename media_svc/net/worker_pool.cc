#include "media_svc/net/worker_pool.h"

#include <algorithm>
#include <chrono>

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

bool WorkerPool::stop_within(Duration limit) {
  const auto deadline =
      std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()) + limit;
  for (const auto& worker : workers_) worker->begin_stop();
  for (const auto& worker : workers_) {
    if (!worker->ended_by(deadline)) return false;
  }
  stop();
  return true;
}

Worker& WorkerPool::least_loaded() {
  const auto least = std::ranges::min_element(
      workers_, {}, [](const std::unique_ptr<Worker>& worker) { return worker->load(); });
  return **least;
}

std::vector<std::uint64_t> WorkerPool::turns() const {
  std::vector<std::uint64_t> turns;
  turns.reserve(workers_.size());
  for (const auto& worker : workers_) turns.push_back(worker->turns());
  return turns;
}

}  // namespace weir::media::net
