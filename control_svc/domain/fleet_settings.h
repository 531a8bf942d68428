// What an operator chooses about instances. Filled from configuration by main, read by the rules.
#pragma once

#include "common/clock.h"

namespace weir::control::domain {

struct FleetSettings {
  // How often an attached instance reports.
  Duration report_interval = std::chrono::seconds{2};
  // Silence after which an instance is given up; at least kLeastLeaseIntervals intervals.
  Duration lease = std::chrono::seconds{15};
  // How long one that is gone stays listed.
  Duration tombstone = std::chrono::minutes{10};

  static constexpr int kLeastLeaseIntervals = 7;
  static constexpr int kMissedReports = 3;

  Duration unreachable_after() const { return report_interval * kMissedReports; }
};

}  // namespace weir::control::domain
