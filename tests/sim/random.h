// All chance of a simulation, from one seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "common/clock.h"

namespace weir::sim {

// The same numbers from the same seed on every platform: no library distribution is used.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // In [0, count).
  std::size_t below(std::size_t count) { return engine_() % count; }
  // In [low, high].
  Duration between(Duration low, Duration high) {
    return low + Duration(engine_() % static_cast<std::uint64_t>((high - low).count() + 1));
  }
  bool chance(double probability) {
    return static_cast<double>(engine_() % 1'000'000) < probability * 1'000'000;
  }
  std::uint64_t number() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace weir::sim
