// Where sessions get their names from.
#pragma once

#include <string_view>

#include "control_svc/domain/session_id.h"

namespace weir::control::store {

// Called from any thread.
class SessionIdSource {
 public:
  virtual ~SessionIdSource() = default;
  virtual domain::SessionId next(std::string_view user_id) = 0;
};

// From the kernel's generator: whoever can guess an id could release its session.
class RandomSessionIds final : public SessionIdSource {
 public:
  domain::SessionId next(std::string_view user_id) override;
};

}  // namespace weir::control::store
