// Where a live stream is, for who wants to play it from there.
#pragma once

#include <cstdint>
#include <string>

#include "media_svc/control_link/session.h"

namespace weir::media::control_link {

struct StreamPlace {
  Route route;
  // Of the stream's claim.
  std::int64_t epoch = 0;
  // For the other instance, valid for a short time. Empty where there is none to ask: the stream
  // is this instance's own, or on one that is gone.
  std::string relay_token;
};

}  // namespace weir::media::control_link
