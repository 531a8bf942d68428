// Why a request is refused, with everything that the caller is told about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/session.h"

namespace weir::control::domain {

// One for each ErrorInfo reason of the public contract that a rule or a store can give.
enum class RefusalReason : std::uint8_t {
  kInvalidField,
  kInvalidState,
  kRequestIdReused,
  kSessionNotFound,
  kSessionEnded,
  kUserMismatch,
  kStreamMismatch,
  kUserBlocked,
  kSessionLimitReached,
  kStreamAlreadyPublished,
  kNoInstanceCapacity,
  kInstanceNotAccepting,
  kInstanceNotFound,
  kInstanceUnreachable,
  kShutdownIrrevocable,
  kStreamNotFound,
  kStaleIncarnation,
  kStaleEpoch,
  kStoreUnavailable,
};

struct FieldViolation {
  std::string field;
  std::string description;

  bool operator==(const FieldViolation&) const = default;
};

struct Refusal {
  RefusalReason reason{};
  std::string message;
  // kInvalidField: every bad field.
  std::vector<FieldViolation> violations;
  // When asking again may help; 0: not said.
  Duration retry_after{0};
  // kSessionLimitReached: what holds the slots of whom, oldest first, and how many there are.
  std::string user_id;
  std::vector<Session> holders;
  int limit = 0;
  // kSessionEnded: how it ended.
  EndReason end_reason = EndReason::kNone;
  std::string ended_by;
  // kInstanceNotAccepting: where to go instead.
  Route route;
};

Refusal refuse(RefusalReason reason, std::string message, Duration retry_after = Duration{0});

template <class Answer>
using Outcome = Result<Answer, Refusal>;

}  // namespace weir::control::domain
