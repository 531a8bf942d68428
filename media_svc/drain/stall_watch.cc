#include "media_svc/drain/stall_watch.h"

#include <algorithm>

namespace weir::media::drain {

void StallWatch::look(std::span<const std::uint64_t> turns) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    Seen& seen = seen_[i];
    seen.looks_in_vain = turns[i] == seen.turns ? seen.looks_in_vain + 1 : 0;
    seen.turns = turns[i];
  }
}

std::size_t StallWatch::stalled() const { return still_for(kStalledLooks); }

bool StallWatch::stuck() const { return still_for(kStuckLooks) > 0; }

std::size_t StallWatch::still_for(std::uint32_t looks) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      seen_, [looks](const Seen& seen) { return seen.looks_in_vain >= looks; }));
}

}  // namespace weir::media::drain
