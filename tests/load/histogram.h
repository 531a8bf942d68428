// Percentiles of any number of durations in a few kilobytes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::load {

// Counts durations in classes that are 1/64 of their size wide, so a percentile is right to 1.6%.
// A value, for one thread.
class Histogram {
 public:
  using Value = std::chrono::nanoseconds;

  void record(Value value);
  std::uint64_t count() const { return count_; }
  // Exact. Zero when nothing was recorded, as the percentiles are.
  Value max() const { return max_; }
  // The least value that `fraction` (0 to 1) of all reach at most.
  Value percentile(double fraction) const;

 private:
  static constexpr int kSubBits = 6;
  static constexpr std::size_t kClasses = (64 - kSubBits + 1) << kSubBits;

  static std::size_t class_of(std::uint64_t value);
  static std::uint64_t upper_bound(std::size_t index);

  std::array<std::uint64_t, kClasses> classes_{};
  std::uint64_t count_ = 0;
  Value max_{};
};

}  // namespace weir::load
