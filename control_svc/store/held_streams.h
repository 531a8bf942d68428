// What instances hold by control's records, however they see it themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "control_svc/domain/session_id.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

struct HeldPublisher {
  domain::SessionId session;
  // It was asked to go before.
  bool moving = false;
};

struct HeldStreams {
  std::vector<HeldPublisher> publishers;
  std::size_t players = 0;

  bool empty() const { return publishers.empty() && players == 0; }
};

// By holder (see domain::holder_digest).
using HeldByInstance = std::map<std::uint32_t, HeldStreams>;

// Every live, uninterrupted session of the holders. Looks at every session once.
Operation find_held(RecordStore& store, std::vector<std::uint32_t> holders,
                    Reply<HeldByInstance> reply);

}  // namespace weir::control::store
