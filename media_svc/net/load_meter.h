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

  // The share in which the thread ran of the time since the last call in which it could: 1 is all
  // that there is for it. Time in which others had the processor counts for neither side, so that a
  // thread with little to do is not busy because its neighbours are. Nothing at the first call.
  std::optional<double> sample(SteadyTime now);

 private:
  // Nanoseconds since the thread began.
  struct Spent {
    std::int64_t running = 0;
    // For a processor.
    std::int64_t waiting = 0;
  };
  Spent spent() const;

  // /proc/thread-self/schedstat; -1 where the kernel keeps none.
  const int schedstat_;
  std::optional<SteadyTime> last_sample_;
  Spent last_spent_;
};

}  // namespace weir::media::net
