// What is asked of a session that exists: each a pure function over its user's record.
#pragma once

#include <cstdint>
#include <optional>

#include "control_svc/domain/context.h"
#include "control_svc/domain/decision.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

Decision<UserSession> touch(UserRecord record, const SessionId& id, const TouchRequest& request,
                            const Context& context);
// `holder` 0: on behalf of anybody; else only of what that instance holds.
Decision<UserSession> touch_in_bulk(UserRecord record, const SessionId& id, std::uint32_t holder,
                                    const Context& context);
Decision<UserSession> pause(UserRecord record, const SessionId& id, const Context& context);
Decision<UserSession> resume(UserRecord record, const SessionId& id, const Context& context);
// `place`: where the new stream is; empty when nobody knows.
Decision<SwitchAnswer> switch_stream(UserRecord record, const SessionId& id,
                                     const SwitchRequest& request, const Route& place,
                                     const Context& context);
// Why the session is not live; nothing when it is.
std::optional<Refusal> refuse_ended(const UserRecord& record, const SessionId& id);
Decision<UserSession> look_up(UserRecord record, const SessionId& id, const Context& context);
// Idempotent: an ended session is answered as it is.
Decision<UserSession> release(UserRecord record, const SessionId& id, const Context& context);
Decision<UserSession> kick(UserRecord record, const SessionId& id, const KickRequest& request,
                           const Context& context);
// By the instance that holds the session; anybody else hears kStaleEpoch and changes nothing.
Decision<UserSession> report(UserRecord record, const SessionReport& report,
                             const Context& context);
// Another publisher has taken the session's stream.
Decision<UserSession> replace(UserRecord record, const SessionId& id, const SessionId& by,
                              const Context& context);
// Its instance is gone, by its drain's deadline if `cut_by_drain`; nothing when somebody else holds
// the session by now.
Decision<UserSession> instance_gone(UserRecord record, const SessionId& id, std::uint32_t holder,
                                    bool cut_by_drain, const Context& context);
// Its publisher is asked to go elsewhere. Refused unless this instance has it, uninterrupted.
Decision<UserSession> ask_to_move(UserRecord record, const SessionId& id, std::uint32_t holder,
                                  const Context& context);
// Only what is due.
Decision<bool> expire(UserRecord record, const Context& context);

}  // namespace weir::control::domain
