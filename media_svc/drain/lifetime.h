// How long an instance serves before it asks to go.
#pragma once

#include <optional>

#include "common/clock.h"

namespace weir::media::drain {

// `lifetime` ± 10 %, so that a fleet that started at once does not ask at once; `at` is a random
// place in [0, 1). Nothing for a lifetime of 0: for ever.
inline std::optional<Duration> jittered(Duration lifetime, double at) {
  constexpr double kSpread = 0.1;
  if (lifetime == Duration{0}) return std::nullopt;
  const double factor = 1 - kSpread + 2 * kSpread * at;
  return Duration{static_cast<Duration::rep>(static_cast<double>(lifetime.count()) * factor)};
}

}  // namespace weir::media::drain
