// How the instance is doing, measured for its reports to control.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/clock.h"
#include "media_svc/control_link/attach_dialogue.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/limits.h"

namespace weir::media {

// Owned by main; outlives the link to control, whose one reporter calls `sample`. `set_ready` from
// any thread.
class InstanceLoad {
 public:
  InstanceLoad(const MediaMetrics& metrics, const net::Limits& limits);

  // Takes new work, or not.
  void set_ready(bool ready) { ready_ = ready; }
  bool ready() const { return ready_; }
  // Rates are over the time since the last call.
  control_link::InstanceStatus sample();

 private:
  const MediaMetrics& metrics_;
  const net::Limits limits_;
  std::atomic<bool> ready_ = false;
  SteadyTime sampled_{};
  std::uint64_t egress_bytes_ = 0;
  Duration processor_time_{0};
};

}  // namespace weir::media
