#include "media_svc/net/merge_pacer.h"

#include <algorithm>

namespace weir::media::net {

double MergePacer::load_if_halved(double load) const {
  if (writes_ == 0) return load;
  return load * std::min(2.0, static_cast<double>(frames_) / static_cast<double>(writes_));
}

void MergePacer::observe(double load) {
  calm_samples_ = load_if_halved(load) < kSpare ? calm_samples_ + 1 : 0;
  frames_ = 0;
  writes_ = 0;
  if (load > kBusy) {
    interval_ = std::min(std::max(interval_ * 2, kLeast), max_);
  } else if (calm_samples_ >= kCalmSamples) {
    calm_samples_ = 0;
    interval_ = std::max(interval_ / 2 < kLeast ? Duration{0} : interval_ / 2, min_);
  }
}

}  // namespace weir::media::net
