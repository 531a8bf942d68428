// Work that is done again and again, by a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "common/clock.h"

namespace weir::control {

// Owned by whoever needs the work done. One piece at a time: the next begins `interval` after the
// answer to the last, or at once where that says that there is more.
class Ticker {
 public:
  // May be called on any thread, once.
  using Answer = std::function<void(bool more)>;
  using Work = std::function<void(Answer)>;

  Ticker(Duration interval, Work work);
  // Waits for the piece that is under way.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void run();
  void answered(bool more);

  const Duration interval_;
  const Work work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool working_ = false;
  bool more_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::control
