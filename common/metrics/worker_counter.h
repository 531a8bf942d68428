// A counter for what happens with every frame.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::metrics {

// One number a worker, summed when metrics are read. An addition is a plain load and store of a
// cache line that only this worker writes, so counting costs nothing that another core could feel.
class WorkerCounter {
 public:
  // Written by one worker's thread.
  class alignas(64) Cell {
   public:
    void add(std::uint64_t amount = 1) {
      value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_ = 0;
  };

  explicit WorkerCounter(std::size_t workers) : cells_(workers) {}

  // For worker 0 to workers-1; stays valid as long as the counter.
  Cell& of(std::size_t worker) { return cells_.at(worker); }
  // From any thread.
  std::uint64_t sum() const {
    std::uint64_t total = 0;
    for (const Cell& cell : cells_) total += cell.value();
    return total;
  }

 private:
  std::vector<Cell> cells_;
};

}  // namespace weir::metrics
