// Live streams, as claims, sessions and the fleet together tell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/store/awaited.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

struct LiveStream {
  domain::StreamClaim claim;
  domain::UserSession publisher;
  // Where it is published; empty when no attached instance holds it.
  domain::Route route;
  int players = 0;
};

struct StreamFilter {
  // Empty: wherever they are.
  std::string instance_id;
  // Only streams whose id comes after this one.
  std::string after;
  std::size_t most = 0;
};

// Refused when nobody publishes it. The store outlives the operation.
Operation find_stream(RecordStore& store, std::string stream_id, Now now,
                      Callback<LiveStream> done);
// In the order of their ids. Looks at a few times as many claims as it answers streams, and at
// those of streams that are over or elsewhere.
Operation list_streams(RecordStore& store, StreamFilter filter, Now now,
                       Callback<std::vector<LiveStream>> done);

}  // namespace weir::control::store
