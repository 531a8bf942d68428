// Ends in time what nobody renewed.
#pragma once

#include <cstddef>

#include "common/clock.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/ticker.h"

namespace weir::control {

// Owned by main, after the operations and gone before them. Asks for what is due every kInterval,
// in pieces of kBatch so that others get their turn at the store's locks.
class ExpiryTicker {
 public:
  static constexpr Duration kInterval = std::chrono::milliseconds{20};
  static constexpr std::size_t kBatch = 1'000;

  ExpiryTicker(store::SessionOperations& operations, const Clock& clock)
      : ticker_(kInterval, [&operations, &clock](const Ticker::Answer& answer) {
          operations.expire_due(clock.now(), kBatch, [answer](std::size_t taken_on) {
            // A full piece means that more is due already.
            answer(taken_on >= kBatch);
          });
        }) {}

 private:
  Ticker ticker_;
};

}  // namespace weir::control
