// Blocks and limits of a user.
#pragma once

#include <optional>
#include <string_view>

#include "control_svc/domain/context.h"
#include "control_svc/domain/decision.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/settings.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

// The refusal that a block in force gives.
std::optional<Refusal> blocked_from(const UserRecord& record, std::string_view stream_id,
                                    SessionKind kind, Now now);
// A block of the same scope takes the place of an older one; the oldest go beyond the bound.
void add_block(UserRecord& record, Block block, const Settings& settings);
// Answers how many blocks are gone. An empty stream means all of them.
Decision<int> unblock(UserRecord record, std::string_view stream_id, const Context& context);

// How many live sessions of a kind the user may hold.
int limit_of(const UserRecord& record, SessionKind kind, const Settings& settings);
Decision<UserLimitsAnswer> look_up_limits(UserRecord record, const Context& context);
Decision<UserLimitsAnswer> update_limits(UserRecord record, const LimitsUpdate& update,
                                         const Context& context);

}  // namespace weir::control::domain
