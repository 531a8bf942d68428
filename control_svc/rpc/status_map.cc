#include "control_svc/rpc/status_map.h"

#include <fmt/format.h>

#include <array>

#include "common/grpc/status.h"
#include "control_svc/rpc/conversions.h"

namespace weir::control::rpc {
namespace {

using domain::RefusalReason;
using enum grpc::StatusCode;

struct Row {
  RefusalReason reason;
  grpc::StatusCode code;
  std::string_view name;
};

constexpr std::array kRows = {
    Row{RefusalReason::kInvalidField, INVALID_ARGUMENT, "INVALID_FIELD"},
    Row{RefusalReason::kInvalidState, FAILED_PRECONDITION, "INVALID_STATE"},
    Row{RefusalReason::kRequestIdReused, INVALID_ARGUMENT, "REQUEST_ID_REUSED"},
    Row{RefusalReason::kSessionNotFound, NOT_FOUND, "SESSION_NOT_FOUND"},
    Row{RefusalReason::kSessionEnded, FAILED_PRECONDITION, "SESSION_ENDED"},
    Row{RefusalReason::kUserMismatch, FAILED_PRECONDITION, "USER_MISMATCH"},
    Row{RefusalReason::kStreamMismatch, FAILED_PRECONDITION, "STREAM_MISMATCH"},
    Row{RefusalReason::kUserBlocked, FAILED_PRECONDITION, "USER_BLOCKED"},
    Row{RefusalReason::kSessionLimitReached, RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED"},
    Row{RefusalReason::kStreamAlreadyPublished, ALREADY_EXISTS, "STREAM_ALREADY_PUBLISHED"},
    Row{RefusalReason::kNoInstanceCapacity, RESOURCE_EXHAUSTED, "NO_INSTANCE_CAPACITY"},
    Row{RefusalReason::kInstanceNotAccepting, UNAVAILABLE, "INSTANCE_NOT_ACCEPTING"},
    Row{RefusalReason::kInstanceNotFound, NOT_FOUND, "INSTANCE_NOT_FOUND"},
    Row{RefusalReason::kInstanceUnreachable, UNAVAILABLE, "INSTANCE_UNREACHABLE"},
    Row{RefusalReason::kShutdownIrrevocable, FAILED_PRECONDITION, "SHUTDOWN_IRREVOCABLE"},
    Row{RefusalReason::kStreamNotFound, NOT_FOUND, "STREAM_NOT_FOUND"},
    Row{RefusalReason::kStaleIncarnation, ABORTED, "STALE_INCARNATION"},
    Row{RefusalReason::kStaleEpoch, ABORTED, "STALE_EPOCH"},
    Row{RefusalReason::kStoreUnavailable, UNAVAILABLE, "STORE_UNAVAILABLE"},
};

// The table is in the order of the enum, so that a reason is its index.
constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  }
  return true;
}
static_assert(in_order());

const Row& row_of(RefusalReason reason) { return kRows.at(static_cast<std::size_t>(reason)); }

void add_limit_details(const domain::Refusal& refusal, Now now, wire::StatusBuilder& status) {
  weir::v1::SessionConflict conflict;
  for (const domain::Session& holder : refusal.holders) {
    fill(holder, refusal.user_id, now, *conflict.add_sessions());
  }
  status.metadata("limit", std::to_string(refusal.limit))
      .quota_violation("user:" + refusal.user_id,
                       fmt::format("{} live sessions are allowed", refusal.limit))
      .detail(conflict);
}

}  // namespace

std::string_view reason_name(RefusalReason reason) { return row_of(reason).name; }

grpc::Status to_status(const domain::Refusal& refusal, Now now) {
  const Row& row = row_of(refusal.reason);
  wire::StatusBuilder status(row.code, row.name, refusal.message);
  for (const auto& [field, description] : refusal.violations) status.bad_field(field, description);
  if (refusal.reason == RefusalReason::kSessionLimitReached) {
    add_limit_details(refusal, now, status);
  }
  if (refusal.reason == RefusalReason::kSessionEnded) {
    status.metadata("end_reason", weir::v1::EndReason_Name(to_proto(refusal.end_reason)));
    status.metadata("ended_by", refusal.ended_by);
  }
  if (refusal.retry_after > Duration::zero()) status.retry_after(refusal.retry_after);
  if (!refusal.route.empty()) status.detail(to_proto(refusal.route));
  return status.build();
}

}  // namespace weir::control::rpc
