// How the instance is doing, for its reports.
#pragma once

#include <cstdint>

#include "common/clock.h"

namespace weir::media::control_link {

struct InstanceStatus {
  // Takes new work.
  bool ready = false;
  std::int32_t publishers = 0;
  std::int32_t players = 0;
  // 0: no limit.
  std::int32_t max_publishers = 0;
  std::int32_t max_players = 0;
  double cpu_utilization = 0;
  std::int64_t egress_bits_per_second = 0;
  // Of what is published here; 0: nothing is.
  Duration oldest_stream_age{0};
  // The drain that is carried out; 0: none.
  std::int64_t drain_generation = 0;
};

}  // namespace weir::media::control_link
