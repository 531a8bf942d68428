// Keeps one place in the code from filling the log.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "common/clock.h"

namespace weir::log {

// Lets a bounded number of lines a second through for each place, and counts the rest. Owned by the
// log's output and called under its lock. Holds one entry a place in the source, so it is bounded.
class RepeatLimiter {
 public:
  // A place's file name is compared by its address: each is one literal of the program.
  using Place = std::pair<const char*, std::uint32_t>;

  static constexpr std::uint32_t kLinesPerSecond = 10;

  // The number of lines left out since the last one that passed; nothing if this one is left out.
  std::optional<std::uint64_t> pass(Place place, SteadyTime now);

 private:
  struct Window {
    SteadyTime start;
    std::uint32_t lines = 0;
    std::uint64_t left_out = 0;
  };
  std::map<Place, Window> windows_;
};

}  // namespace weir::log
