// Admission, in its stated order: request id, block, adoption, claim, limit, place. (Shape is
// checked before anything is loaded, the credential by the transport.) Everything is decided
// before anything is changed.
#pragma once

#include <optional>
#include <vector>

#include "control_svc/domain/context.h"
#include "control_svc/domain/decision.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/stream_claim.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

// Everything that an admission depends on, as loaded.
struct AdmissionSnapshot {
  UserRecord user;
  StreamClaim claim;
  // The claim holder's session, when it is another user's and still on record.
  std::optional<Session> foreign_holder;
  FleetSnapshot fleet;
  // Sessions named in the request that other users hold.
  std::vector<SessionId> foreign;
};

struct AdmissionDecision : Decision<AdmitAnswer> {
  using Decision::Decision;
  // To commit after the record; when it is lost meanwhile the record's commit is undone.
  std::optional<StreamClaim> claim;
  // How the session then ends, where it was not live before.
  EndReason undone = EndReason::kFailed;
  // Then to end: the session of another user whose stream was taken over.
  bool ends_foreign_holder = false;
};

// `fresh` names the session, should there be a new one.
AdmissionDecision admit(AdmissionSnapshot snapshot, const AdmitRequest& request,
                        const SessionId& fresh, const Context& context);

// Takes back what the admission of `id` changed since `before`, when its claim is lost. Others may
// have changed the record meanwhile, and its events were told with its commit: a session that was
// not live before it ends, for `reason`, and what it has replaced stays ended, because the slot and
// the stream that were freed may be somebody else's by now.
Decision<bool> undo_admission(UserRecord record, const UserRecord& before, const SessionId& id,
                              EndReason reason, const Context& context);

}  // namespace weir::control::domain
