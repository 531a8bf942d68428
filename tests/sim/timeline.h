// Virtual time: what is to happen, in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "common/clock.h"

namespace weir::sim {

// Things at the same moment happen in the order in which they were planned.
class Timeline {
 public:
  SteadyTime now() const { return now_; }
  // Both clocks, as control reads them.
  Now clocks() const { return {now_, WallTime{now_.time_since_epoch()} + wall_offset_}; }
  // Only the wall clock moves.
  void jump_wall(Duration by) {
    before_jump_ = {now_, wall_offset_};
    wall_offset_ += by;
  }
  // The latest that the wall clock has shown within this time.
  WallTime latest_wall(Duration within) const {
    const bool jumped = now_ - before_jump_.until <= within;
    const Duration offset = jumped ? std::max(wall_offset_, before_jump_.offset) : wall_offset_;
    return WallTime{now_.time_since_epoch()} + offset;
  }

  void at(SteadyTime time, std::function<void()> what);
  void after(Duration delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }

  // Lets the next thing happen; false when nothing is planned.
  bool step();

 private:
  struct Planned {
    SteadyTime time;
    std::uint64_t order;
    std::function<void()> what;
    friend bool operator>(const Planned& a, const Planned& b) {
      return a.time != b.time ? a.time > b.time : a.order > b.order;
    }
  };

  SteadyTime now_{std::chrono::hours{1}};
  Duration wall_offset_{std::chrono::hours{24 * 365 * 50}};
  struct {
    SteadyTime until{};
    Duration offset{0};
  } before_jump_;
  std::uint64_t order_ = 0;
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> planned_;
};

}  // namespace weir::sim
