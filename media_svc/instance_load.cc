#include "media_svc/instance_load.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace weir::media {
namespace {

Duration processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::duration_cast<Duration>(std::chrono::seconds{time.tv_sec} +
                                                std::chrono::microseconds{time.tv_usec});
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

InstanceLoad::InstanceLoad(const MediaMetrics& metrics, const net::Limits& limits)
    : metrics_(metrics), limits_(limits) {}

control_link::InstanceStatus InstanceLoad::sample(SteadyTime now) {
  const std::uint64_t egress = metrics_.rtmp.egress_bytes.sum();
  const Duration used = processor_time();
  const double elapsed = std::max(1.0, static_cast<double>((now - sampled_).count()));
  const double cores = std::max(1U, std::thread::hardware_concurrency());

  control_link::InstanceStatus status;
  status.ready = ready_;
  status.drain_generation = drain_generation_;
  status.publishers = static_cast<std::int32_t>(metrics_.rtmp.streams.Value());
  status.players = static_cast<std::int32_t>(metrics_.rtmp.players.Value());
  status.max_publishers = static_cast<std::int32_t>(limits_.publishers);
  status.max_players = static_cast<std::int32_t>(limits_.players);
  if (sampled_ != SteadyTime{}) {
    status.cpu_utilization =
        static_cast<double>((used - processor_time_).count()) / elapsed / cores;
    status.egress_bits_per_second =
        static_cast<std::int64_t>(static_cast<double>(egress - egress_bytes_) * 8'000 / elapsed);
  }
  if (const auto oldest = metrics_.rtmp.stream_beginnings.oldest()) {
    // It may have begun since `now`.
    status.oldest_stream_age = std::max(Duration{0}, now - *oldest);
  }
  sampled_ = now;
  egress_bytes_ = egress;
  processor_time_ = used;
  return status;
}

}  // namespace weir::media
