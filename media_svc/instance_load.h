// How the instance is doing, measured for its reports to control.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/clock.h"
#include "media_svc/control_link/instance_status.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/limits.h"

namespace weir::media {

// Owned by main; outlives the link to control, whose one reporter calls `sample`. The setters
// from any thread.
class InstanceLoad {
 public:
  InstanceLoad(const MediaMetrics& metrics, const net::Limits& limits);

  // Takes new work, or not; as an operator sees it, /readyz is off while cordoned, too.
  void set_ready(bool ready) { ready_ = ready; }
  bool ready() const { return ready_; }
  void set_cordoned(bool cordoned) { cordoned_ = cordoned; }
  bool cordoned() const { return cordoned_; }
  // The drain that is carried out; 0: none.
  void set_drain_generation(std::int64_t generation) { drain_generation_ = generation; }
  // Rates are over the time since the last call.
  control_link::InstanceStatus sample(SteadyTime now);

 private:
  const MediaMetrics& metrics_;
  const net::Limits limits_;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> cordoned_ = false;
  std::atomic<std::int64_t> drain_generation_ = 0;
  SteadyTime sampled_{};
  std::uint64_t egress_bytes_ = 0;
  Duration processor_time_{0};
};

}  // namespace weir::media
