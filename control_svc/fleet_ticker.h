// Sees which media instances have gone silent, and takes over what they reported.
#pragma once

#include "common/clock.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/ticker.h"

namespace weir::control {

// Owned by main, after the operations and lines and gone before them.
class FleetTicker {
 public:
  FleetTicker(store::FleetOperations& fleet, rpc::InstanceLines& lines, const Clock& clock)
      : ticker_(interval_of(fleet.settings()),
                [&fleet, &lines, &clock](const Ticker::Answer& answer) {
                  const Now now = clock.now();
                  fleet.watch(lines.sightings(fleet.settings(), now.steady), now,
                              [answer] { answer(false); });
                }) {}

 private:
  // Often enough that a state is never late by more than half a report.
  static Duration interval_of(const domain::FleetSettings& settings) {
    return settings.report_interval / 2;
  }

  Ticker ticker_;
};

}  // namespace weir::control
