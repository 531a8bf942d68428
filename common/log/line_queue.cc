#include "common/log/line_queue.h"

#include <utility>

namespace weir::log {

LineQueue::LineQueue(Write write)
    : write_(std::move(write)), writer_([this](const std::stop_token& stop) { run(stop); }) {}

void LineQueue::put(std::string_view line) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() + line.size() > kMostBytes) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    waiting_ += line;
    if (!std::exchange(idle_, false)) return;
  }
  arrived_.notify_one();
}

void LineQueue::run(const std::stop_token& stop) {
  std::string taken;
  std::unique_lock lock(mutex_);
  while (arrived_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    for (;;) {
      arrived_.wait_for(lock, stop, kGathering, [] { return false; });
      if (waiting_.empty()) break;
      taken.swap(waiting_);
      lock.unlock();
      write_(taken);
      taken.clear();
      lock.lock();
    }
    idle_ = true;
  }
}

}  // namespace weir::log
