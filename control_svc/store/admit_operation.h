// Admission over a store: the user's record, then the stream's claim, then whoever held it before.
#pragma once

#include "common/clock.h"
#include "control_svc/domain/requests.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/overtaken_publishers.h"
#include "control_svc/store/session_id_source.h"

namespace weir::control::store {

// The references outlive the operation. `done` is called once, as SessionOperations says.
void admit_session(const Decider& decider, OvertakenPublishers& overtaken, SessionIdSource& ids,
                   domain::AdmitRequest&& request, Now now, Callback<domain::AdmitAnswer> done);

// See SessionOperations::assert_held.
void assert_session(const Decider& decider, OvertakenPublishers& overtaken,
                    domain::HeldSession held, Now now, Callback<domain::AdmitAnswer> done);

// The live session that holds a stream's claim; empty when nobody publishes it.
Operation load_publisher(RecordStore& store, domain::Text stream_id, SteadyTime now,
                         Reply<std::optional<domain::UserSession>> reply);

}  // namespace weir::control::store
