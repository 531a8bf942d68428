// Has draining instances emptied.
#pragma once

#include "common/clock.h"
#include "control_svc/store/stream_mover.h"
#include "control_svc/ticker.h"

namespace weir::control {

// Owned by main, after the mover and gone before it. Often enough that a thousand streams do not
// leave in bursts.
class MoveTicker {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds{100};

  MoveTicker(store::StreamMover& mover, const Clock& clock)
      : ticker_(kInterval, [&mover, &clock](const Ticker::Answer& answer) {
          mover.step(clock.now(), [answer] { answer(false); });
        }) {}

 private:
  Ticker ticker_;
};

}  // namespace weir::control
