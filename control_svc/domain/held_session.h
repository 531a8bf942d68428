// What an instance still holds after it, or control, was away:
//
//   control's record of the session       then
//   live, of this connection               goes on
//   live, of a later connection            ends there: MOVED
//   ended EXPIRED, epoch still current     revived, even above the limit
//   ended otherwise                        ends there, for that reason
//   none                                   admitted again under its id, even above the limit
//
// A publisher whose stream has a newer claim by now, or another live publisher, ends there:
// REPLACED. But a newcomer that the same instance has just been given, after control forgot the
// claim, cannot begin there beside a higher epoch: then the newcomer ends.
#pragma once

#include "control_svc/domain/admission.h"
#include "control_svc/domain/context.h"
#include "control_svc/domain/requests.h"

namespace weir::control::domain {

// A refusal's end_reason says why the connection has to end.
AdmissionDecision assert_held(AdmissionSnapshot snapshot, const HeldSession& held,
                              const Context& context);

}  // namespace weir::control::domain
