// What a client wants of an instance, and wants again elsewhere when its connection is lost.
#pragma once

#include <string>

#include "control_svc/domain/session.h"
#include "tests/sim/names.h"

namespace weir::sim {

struct StreamWish {
  std::string user_id;
  std::string stream_id;
  domain::SessionKind kind = domain::SessionKind::kPlay;
};

}  // namespace weir::sim
