// Which records are due, found without looking at the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/clock.h"

namespace weir::control::store {

// A wheel of ticks that is lazy both ways: a deadline that moves on leaves its entry where it is,
// and one beyond the horizon waits at the horizon; either is seen at its turn and filed again. So a
// renewal costs nothing here. Owned by one table and used under its lock.
class DeadlineWheel {
 public:
  using Slot = std::uint32_t;
  using Tick = std::int64_t;
  struct Entry {
    Slot slot;
    // What file() answered for it.
    Tick tick;
  };

  // How late an entry may come up; it never does early by its tick.
  static constexpr Duration kTick{32};
  static constexpr Tick kTicks = 1024;

  // Answers the tick at whose turn the slot comes up: that of the deadline, or the horizon's.
  Tick file(Slot slot, SteadyTime deadline);
  // Whether a deadline comes before an entry that is filed under the tick.
  static bool precedes(SteadyTime deadline, Tick tick) { return tick_of(deadline) < tick; }
  // An entry whose turn has come; it is no longer filed.
  std::optional<Entry> take(SteadyTime now);

 private:
  static Tick tick_of(SteadyTime deadline);
  void turn_to(Tick current);
  std::vector<Slot>& at(Tick tick) { return ticks_[static_cast<std::size_t>(tick % kTicks)]; }

  std::array<std::vector<Slot>, kTicks> ticks_;
  // The first tick whose entries have not been taken out.
  Tick next_ = 0;
  // Taken out, to be handed out one by one.
  std::vector<Entry> ready_;
};

}  // namespace weir::control::store
