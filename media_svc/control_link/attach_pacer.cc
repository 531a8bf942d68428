#include "media_svc/control_link/attach_pacer.h"

#include <algorithm>
#include <utility>

namespace weir::media::control_link {

void AttachPacer::welcomed(SteadyTime now, Duration lease) {
  answered_ = true;
  lease_ = lease;
  welcomed_at_ = now;
}

Duration AttachPacer::pause(SteadyTime now, double at) {
  const Duration longest = longest_pause(now);
  wanted_.reset();
  welcomed_at_.reset();
  return Duration{static_cast<Duration::rep>(static_cast<double>(longest.count()) * at)};
}

Duration AttachPacer::longest_pause(SteadyTime now) {
  if (!answered_) return std::exchange(starting_, std::min(starting_ * 2, pauses_.fleet));
  const Duration bound = lease_ * 2 / 3;
  if (wanted_) return std::min(*wanted_, bound);
  if (welcomed_at_ && now - *welcomed_at_ >= pauses_.fleet) return std::min(pauses_.soon, bound);
  return std::min(leaving_ ? pauses_.starting : pauses_.fleet, bound);
}

}  // namespace weir::media::control_link
