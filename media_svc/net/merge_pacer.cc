#include "media_svc/net/merge_pacer.h"

#include <algorithm>

namespace weir::media::net {

void MergePacer::observe(double load) {
  calm_samples_ = load < kSpare ? calm_samples_ + 1 : 0;
  if (load > kBusy) {
    interval_ = std::min(std::max(interval_ * 2, kLeast), max_);
  } else if (calm_samples_ >= kCalmSamples) {
    calm_samples_ = 0;
    interval_ = interval_ / 2 < kLeast ? Duration{0} : interval_ / 2;
  }
}

}  // namespace weir::media::net
