#include "control_svc/expiry_ticker.h"

namespace weir::control {

ExpiryTicker::ExpiryTicker(store::SessionOperations& operations, const Clock& clock)
    : operations_(operations), clock_(clock), thread_([this] { run(); }) {}

ExpiryTicker::~ExpiryTicker() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ExpiryTicker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    working_ = true;
    lock.unlock();
    operations_.expire_due(clock_.now(), kBatch,
                           [this](std::size_t taken_on) { finished(taken_on); });
    lock.lock();
    wake_.wait(lock, [this] { return !working_; });
    // A full piece means that more is due already: go on without a pause.
    if (!more_due_) wake_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

void ExpiryTicker::finished(std::size_t taken_on) {
  const std::scoped_lock lock(mutex_);
  more_due_ = taken_on >= kBatch;
  working_ = false;
  wake_.notify_one();
}

}  // namespace weir::control
