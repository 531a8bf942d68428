#include "media_svc/relay/replay_filter.h"

namespace weir::media::relay {
namespace {

// More than an instance keeps from the newest keyframe on. Further back is no replay but a clock
// that was set back.
constexpr std::int32_t kLongestReplay = 90'000;

}  // namespace

void ReplayFilter::begin(std::int64_t epoch) {
  if (epoch != epoch_) tracks_ = {};
  epoch_ = epoch;
  for (Seen& seen : tracks_) seen.replaying = seen.last.has_value();
}

bool ReplayFilter::is_new(Track track, std::uint32_t timestamp) {
  Seen& seen = tracks_.at(static_cast<std::size_t>(track));
  if (seen.replaying) {
    const auto ahead = static_cast<std::int32_t>(timestamp - *seen.last);
    if (ahead <= 0 && ahead > -kLongestReplay) return false;
    seen.replaying = false;
  }
  seen.last = timestamp;
  return true;
}

}  // namespace weir::media::relay
