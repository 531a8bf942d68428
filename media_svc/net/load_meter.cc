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
  const Spent spent_now = spent();
  std::optional<double> share;
  if (last_sample_ && now > *last_sample_) {
    const auto elapsed = std::chrono::nanoseconds(now - *last_sample_).count();
    const auto ran = spent_now.running - last_spent_.running;
    const auto could_run = elapsed - (spent_now.waiting - last_spent_.waiting);
    share = could_run > ran ? static_cast<double>(ran) / static_cast<double>(could_run) : 1;
  }
  last_sample_ = now;
  last_spent_ = spent_now;
  return share;
}

LoadMeter::Spent LoadMeter::spent() const {
  // "running waiting slices", in nanoseconds (kernel: Documentation/scheduler/sched-stats.rst).
  std::array<char, 96> text{};
  const ssize_t length = schedstat_ < 0 ? -1 : ::pread(schedstat_, text.data(), text.size(), 0);
  if (length > 0) {
    Spent so_far;
    const char* const end = text.data() + length;
    const auto after_running = std::from_chars(text.data(), end, so_far.running);
    if (after_running.ptr < end) std::from_chars(after_running.ptr + 1, end, so_far.waiting);
    return so_far;
  }
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return {.running = time.tv_sec * 1'000'000'000 + time.tv_nsec};
}

}  // namespace weir::media::net
