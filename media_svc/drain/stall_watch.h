// Which threads stand still, judged by what each has counted of its own turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/clock.h"

namespace weir::media::drain {

// Pure: no clock. WorkerWatch looks once every `kLook`. What counts is looks in a row that find a
// thread where it was, not the time between them: where the whole process was stopped or starved of
// CPU, the looks were, too, and nothing stands still after it.
class StallWatch {
 public:
  static constexpr Duration kLook{1'000};
  // A loop under any load turns several times a second. What has not for this long will not.
  static constexpr std::uint32_t kStalledLooks = 15;
  // For the others' streams to finish or move before the process is ended from outside.
  static constexpr std::uint32_t kStuckLooks = 300;

  explicit StallWatch(std::size_t threads) : seen_(threads) {}

  // The turns of each thread so far.
  void look(std::span<const std::uint64_t> turns);

  // As of the last look: how many stand still, and whether one has done so for far too long.
  std::size_t stalled() const;
  bool stuck() const;

 private:
  struct Seen {
    std::uint64_t turns = 0;
    std::uint32_t looks_in_vain = 0;
  };

  std::size_t still_for(std::uint32_t looks) const;

  std::vector<Seen> seen_;
};

}  // namespace weir::media::drain
