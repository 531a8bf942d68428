#include "media_svc/net/load_meter.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

namespace weir::media::net {

LoadMeter::LoadMeter() : schedstat_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

LoadMeter::~LoadMeter() {
  if (schedstat_ >= 0) ::close(schedstat_);
}

std::optional<double> LoadMeter::sample(SteadyTime now) {
  const std::int64_t wanted = wanted_time();
  std::optional<double> share;
  if (last_sample_ && now > *last_sample_) {
    const auto elapsed = std::chrono::nanoseconds(now - *last_sample_).count();
    share = static_cast<double>(wanted - last_wanted_) / static_cast<double>(elapsed);
  }
  last_sample_ = now;
  last_wanted_ = wanted;
  return share;
}

std::int64_t LoadMeter::wanted_time() const {
  // "running waiting slices", in nanoseconds (kernel: Documentation/scheduler/sched-stats.rst).
  std::array<char, 96> text{};
  const ssize_t length = schedstat_ < 0 ? -1 : ::pread(schedstat_, text.data(), text.size(), 0);
  if (length > 0) {
    std::int64_t running = 0;
    std::int64_t waiting = 0;
    const char* const end = text.data() + length;
    const auto after_running = std::from_chars(text.data(), end, running);
    if (after_running.ptr < end) std::from_chars(after_running.ptr + 1, end, waiting);
    return running + waiting;
  }
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace weir::media::net
