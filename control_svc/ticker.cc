#include "control_svc/ticker.h"

#include <utility>

namespace weir::control {

Ticker::Ticker(Duration interval, Work work)
    : interval_(interval), work_(std::move(work)), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    working_ = true;
    lock.unlock();
    work_([this](bool more) { answered(more); });
    lock.lock();
    wake_.wait(lock, [this] { return !working_; });
    if (!more_) wake_.wait_for(lock, interval_, [this] { return stopping_; });
  }
}

void Ticker::answered(bool more) {
  const std::scoped_lock lock(mutex_);
  more_ = more;
  working_ = false;
  wake_.notify_one();
}

}  // namespace weir::control
