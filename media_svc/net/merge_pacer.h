// How long a worker collects frames before it writes them: not at all while there is processor time
// to spare, longer the less there is.
#pragma once

#include "common/clock.h"

namespace weir::media::net {

// Pure. Most of a write's cost is the kernel's, by the call and not by the byte, so fewer and
// larger writes are what a loaded worker can save with.
//
// Each sample of the load moves the interval: doubled where the load is above kBusy, halved after
// kCalmSamples in a row below kSpare, else kept. Between the two it stands still: merging lowers
// the load, and the interval must not swing for that.
class MergePacer {
 public:
  static constexpr double kBusy = 0.40;
  static constexpr double kSpare = 0.15;
  static constexpr int kCalmSamples = 5;
  // The least that is worth a timer.
  static constexpr Duration kLeast{5};

  // 0: never merges.
  explicit MergePacer(Duration max) : max_(max) {}

  void observe(double load);
  // 0: write at once.
  Duration interval() const { return interval_; }

 private:
  const Duration max_;
  Duration interval_{0};
  int calm_samples_ = 0;
};

}  // namespace weir::media::net
