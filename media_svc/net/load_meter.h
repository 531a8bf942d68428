// How busy a worker's thread is.
#pragma once

#include <cstdint>
#include <optional>

#include "common/clock.h"

namespace weir::media::net {

// Of the thread that uses it.
class LoadMeter {
 public:
  LoadMeter();
  LoadMeter(const LoadMeter&) = delete;
  LoadMeter& operator=(const LoadMeter&) = delete;
  ~LoadMeter();

  // The share of time since the last call in which the thread ran or waited for a processor: 1 is
  // all that there is. Nothing at the first call.
  std::optional<double> sample(SteadyTime now);

 private:
  // Nanoseconds since the thread began.
  std::int64_t wanted_time() const;

  // /proc/thread-self/schedstat; -1 where the kernel keeps none.
  const int schedstat_;
  std::optional<SteadyTime> last_sample_;
  std::int64_t last_wanted_ = 0;
};

}  // namespace weir::media::net
