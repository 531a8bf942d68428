// How long a worker collects frames before it writes them: not at all while there is processor time
// to spare, longer the less there is.
#pragma once

#include <cstdint>

#include "common/clock.h"

namespace weir::media::net {

// Pure. Most of a write's cost is the kernel's, by the call and not by the byte, so fewer and
// larger writes are what a loaded worker can save with.
//
// Each sample of the load moves the interval. It doubles where the load is above kBusy. It halves
// where kCalmSamples in a row say that the load would stay below kSpare: half the interval means at
// most twice the writes, and never more of them than there are frames. Else it stands still, as
// merging lowers the load and the interval must not swing for that.
class MergePacer {
 public:
  static constexpr double kBusy = 0.40;
  static constexpr double kSpare = 0.35;
  static constexpr int kCalmSamples = 5;
  // The least that is worth a timer.
  static constexpr Duration kLeast{5};

  // Between `min`, where the load does not matter, and `max`; 0: write at once.
  MergePacer(Duration min, Duration max) : min_(min), max_(max), interval_(min) {}

  // A stream's `frames` went to its players in one write each.
  void wrote(std::uint64_t frames, std::uint64_t players) {
    frames_ += frames * players;
    writes_ += players;
  }
  void observe(double load);
  // 0: write at once.
  Duration interval() const { return interval_; }

 private:
  // What the load would be at half the interval, at most.
  double load_if_halved(double load) const;

  const Duration min_;
  const Duration max_;
  Duration interval_;
  int calm_samples_ = 0;
  // Since the last sample.
  std::uint64_t frames_ = 0;
  std::uint64_t writes_ = 0;
};

}  // namespace weir::media::net
