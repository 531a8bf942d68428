// Moving one live stream to another instance, as an operator asks.
#pragma once

#include <functional>
#include <string>

#include "common/clock.h"
#include "control_svc/domain/stream_move.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/store/stream_listing.h"

namespace weir::control::store {

struct StreamMove {
  std::string stream_id;
  // Empty: the one that PickInstance would choose.
  std::string target_instance_id;
  // Carries the order to the instance; false: it is not attached.
  std::function<bool(const domain::MoveOrder&)> reach;
};

// Answers the stream, which is where it was until its publisher has gone. Store and operations
// outlive it.
Operation move_stream(RecordStore& store, SessionOperations& sessions, StreamMove move, Now now,
                      Callback<LiveStream> done);

}  // namespace weir::control::store
