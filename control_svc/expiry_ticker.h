// Ends in time what nobody renewed.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

#include "common/clock.h"
#include "control_svc/store/session_operations.h"

namespace weir::control {

// Owned by main, after the operations and before they go. One thread of its own asks for what is
// due every kInterval, in pieces of kBatch so that others get their turn at the store's locks.
class ExpiryTicker {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds{20};
  static constexpr std::size_t kBatch = 500;

  ExpiryTicker(store::SessionOperations& operations, const Clock& clock);
  // Waits for the piece that is under way.
  ~ExpiryTicker();
  ExpiryTicker(const ExpiryTicker&) = delete;
  ExpiryTicker& operator=(const ExpiryTicker&) = delete;

 private:
  void run();
  void finished(std::size_t taken_on);

  store::SessionOperations& operations_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // One piece of work at a time: its answer comes from a thread of the store.
  bool working_ = false;
  bool more_due_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::control
