// What an operator chooses about instances. Filled from configuration by main, read by the rules.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/clock.h"
#include "control_svc/domain/settings.h"

namespace weir::control::domain {

// How shutdowns are granted, and how a drain then goes.
struct ShutdownSettings {
  Duration grace = std::chrono::seconds{10};
  Duration migrate_after = std::chrono::minutes{30};
  Duration deadline = std::chrono::hours{1};
  // Of the fleet, but at least one instance.
  double max_draining_fraction = 0.25;
  std::int64_t min_ready = 1;
  // Room that those who stay must have beyond today's streams, as a share of them.
  double headroom = 0.1;
  // After so many an instance goes before all others.
  std::int64_t max_denials = 10;
  Duration retry_after = std::chrono::seconds{10};
};

// How often an instance reports, and the silence that it is allowed.
struct ReportRhythm {
  Duration interval{0};
  Duration lease{0};

  static constexpr int kMissedReports = 3;
  Duration unreachable_after() const { return interval * kMissedReports; }
};

struct FleetSettings {
  // How often an attached instance reports.
  Duration report_interval = std::chrono::seconds{2};
  // Silence after which an instance is given up; at least kLeastLeaseIntervals intervals.
  Duration lease = std::chrono::seconds{15};
  // The lease of a large fleet grows up to this, which its sessions outlive.
  Duration longest_lease = Settings{}.outlived_silence();
  // How long one that is gone stays listed.
  Duration tombstone = std::chrono::minutes{10};

  ShutdownSettings shutdown;

  static constexpr int kLeastLeaseIntervals = 7;
  // Of the whole fleet: a larger one reports more seldom, as far as the longest lease allows.
  static constexpr std::int64_t kMaxReportsPerSecond = 500;

  ReportRhythm rhythm_of_fleet(std::size_t instances) const {
    const Duration stretched{static_cast<std::int64_t>(instances) * 1000 / kMaxReportsPerSecond};
    const Duration longest = longest_lease / kLeastLeaseIntervals;
    return rhythm_at(std::max(report_interval, std::min(stretched, longest)));
  }
  // Of an instance that was told this interval.
  ReportRhythm rhythm_at(Duration interval) const {
    return {.interval = interval, .lease = std::max(lease, interval * kLeastLeaseIntervals)};
  }
};

}  // namespace weir::control::domain
