// All that one user holds: the unit that is loaded, decided on and committed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/text.h"

namespace weir::control::domain {

// As in the public contract; kDefault is the unset one and rejects.
enum class LimitPolicy : std::uint8_t { kDefault, kReject, kReplaceIdle, kReplaceOldest, kShadow };

struct UserLimits {
  std::optional<std::int32_t> max_play_sessions;
  std::optional<std::int32_t> max_publish_sessions;
  LimitPolicy policy = LimitPolicy::kDefault;

  bool operator==(const UserLimits&) const = default;
};

// An admitted request id, as digests: of the id, and of the parameters that must repeat with it.
struct RememberedRequest {
  std::uint64_t id_digest = 0;
  std::uint64_t parameters_digest = 0;
  SessionId session = {};
  SteadyTime until{};
};

// Keeps the user out of one stream and kind after a kick; out of everything when the stream is
// empty.
struct Block {
  Text stream_id = {};
  Text message = {};
  SteadyTime until{};
  SessionKind kind = SessionKind::kPlay;
};

struct UserRecord {
  Text user_id;
  // In the order of their admission; ended ones stay for the tombstone time.
  std::vector<Session> sessions;
  std::vector<RememberedRequest> requests;
  std::vector<Block> blocks;
  UserLimits limits;

  // Nothing left that is worth keeping.
  bool vacant() const;
  // When a rule should look at this record next, to end or to forget something.
  SteadyTime next_deadline() const;
  Session* find(const SessionId& id);
  const Session* find(const SessionId& id) const;
};

}  // namespace weir::control::domain
