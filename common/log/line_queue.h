// Lines on their way to whoever writes them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "common/clock.h"

namespace weir::log {

// Owned by the log's output. Lines are put in from any thread and never wait; a thread of the
// queue's own writes them, many at a time. Destruction writes what is left.
class LineQueue {
 public:
  // Whole lines with their ends; may block.
  using Write = std::function<void(std::string_view lines)>;

  // Of lines that nobody has taken for writing. What does not fit is lost and counted.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  // From a first line to its writing: what comes in meanwhile costs no wake-up and no write of its
  // own. Where lines come more often than this, none of them costs a wake-up.
  static constexpr Duration kGathering{10};

  explicit LineQueue(Write write);

  void put(std::string_view line);
  std::uint64_t lines_lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  void run(const std::stop_token& stop);

  const Write write_;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::string waiting_;
  // The writer waits for a first line; else it looks by itself what has come.
  bool idle_ = true;
  std::atomic<std::uint64_t> lost_{0};
  std::jthread writer_;
};

}  // namespace weir::log
