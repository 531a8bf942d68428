#include "common/log/repeat_limiter.h"

namespace weir::log {

std::optional<std::uint64_t> RepeatLimiter::pass(Place place, SteadyTime now) {
  Window& window = windows_.try_emplace(place, Window{.start = now}).first->second;
  if (now - window.start >= std::chrono::seconds(1)) {
    window.start = now;
    window.lines = 0;
  }
  if (window.lines == kLinesPerSecond) {
    ++window.left_out;
    return std::nullopt;
  }
  ++window.lines;
  return std::exchange(window.left_out, 0);
}

}  // namespace weir::log
