#include "control_svc/rpc/status_map.h"

#include <gtest/gtest.h>
#include <weir/v1/session_service.pb.h>

#include "common/grpc/status.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using domain::Refusal;
using domain::RefusalReason;
using grpc::StatusCode;

struct Row {
  RefusalReason reason;
  StatusCode code;
  std::string name;
};

// As session_service.proto and instance_service.proto document them.
const Row kContract[] = {
    {RefusalReason::kInvalidField, StatusCode::INVALID_ARGUMENT, "INVALID_FIELD"},
    {RefusalReason::kInvalidState, StatusCode::FAILED_PRECONDITION, "INVALID_STATE"},
    {RefusalReason::kRequestIdReused, StatusCode::INVALID_ARGUMENT, "REQUEST_ID_REUSED"},
    {RefusalReason::kSessionNotFound, StatusCode::NOT_FOUND, "SESSION_NOT_FOUND"},
    {RefusalReason::kSessionEnded, StatusCode::FAILED_PRECONDITION, "SESSION_ENDED"},
    {RefusalReason::kUserMismatch, StatusCode::FAILED_PRECONDITION, "USER_MISMATCH"},
    {RefusalReason::kStreamMismatch, StatusCode::FAILED_PRECONDITION, "STREAM_MISMATCH"},
    {RefusalReason::kUserBlocked, StatusCode::FAILED_PRECONDITION, "USER_BLOCKED"},
    {RefusalReason::kSessionLimitReached, StatusCode::RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED"},
    {RefusalReason::kStreamAlreadyPublished, StatusCode::ALREADY_EXISTS,
     "STREAM_ALREADY_PUBLISHED"},
    {RefusalReason::kNoInstanceCapacity, StatusCode::RESOURCE_EXHAUSTED, "NO_INSTANCE_CAPACITY"},
    {RefusalReason::kInstanceNotAccepting, StatusCode::UNAVAILABLE, "INSTANCE_NOT_ACCEPTING"},
    {RefusalReason::kInstanceNotFound, StatusCode::NOT_FOUND, "INSTANCE_NOT_FOUND"},
    {RefusalReason::kStreamNotFound, StatusCode::NOT_FOUND, "STREAM_NOT_FOUND"},
    {RefusalReason::kStaleIncarnation, StatusCode::ABORTED, "STALE_INCARNATION"},
    {RefusalReason::kStoreUnavailable, StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE"},
};

grpc::Status status_of(const Refusal& refusal) { return to_status(refusal, Now()); }

TEST(StatusMap, GivesEachReasonItsCode) {
  for (const Row& row : kContract) {
    Refusal refusal;
    refusal.reason = row.reason;
    refusal.message = "why";
    const grpc::Status status = status_of(refusal);
    EXPECT_EQ(status.error_code(), row.code) << row.name;
    EXPECT_EQ(status.error_message(), "why");
    EXPECT_EQ(wire::StatusDetails(status).reason(), row.name);
    EXPECT_EQ(reason_name(row.reason), row.name);
  }
}

TEST(StatusMap, TellsWhatHoldsTheSlots) {
  Refusal refusal;
  refusal.reason = RefusalReason::kSessionLimitReached;
  refusal.user_id = "alice";
  refusal.limit = 3;
  refusal.retry_after = 1500ms;
  refusal.holders.resize(3);
  domain::SessionTexts texts;
  texts.stream_id = "live/oldest";
  refusal.holders[0].texts = domain::PackedTexts(texts);
  const wire::StatusDetails details(status_of(refusal));
  EXPECT_EQ(details.metadata("limit"), "3");
  EXPECT_EQ(details.retry_after(), 1500ms);
  EXPECT_EQ(details.detail<google::rpc::QuotaFailure>()->violations(0).subject(), "user:alice");
  const auto conflict = details.detail<weir::v1::SessionConflict>();
  ASSERT_TRUE(conflict);
  ASSERT_EQ(conflict->sessions_size(), 3);
  EXPECT_EQ(conflict->sessions(0).stream_id(), "live/oldest");
  EXPECT_EQ(conflict->sessions(0).user_id(), "alice");
}

TEST(StatusMap, TellsHowASessionEnded) {
  Refusal refusal;
  refusal.reason = RefusalReason::kSessionEnded;
  refusal.end_reason = domain::EndReason::kKicked;
  refusal.ended_by = "operator";
  const wire::StatusDetails details(status_of(refusal));
  EXPECT_EQ(details.metadata("end_reason"), "END_REASON_KICKED");
  EXPECT_EQ(details.metadata("ended_by"), "operator");
}

TEST(StatusMap, TellsWhereToGoInstead) {
  Refusal refusal;
  refusal.reason = RefusalReason::kInstanceNotAccepting;
  refusal.route.instance_id = "media-2";
  refusal.route.rtmp_url = "rtmp://media-2:1935";
  const auto route = wire::StatusDetails(status_of(refusal)).detail<weir::v1::Route>();
  ASSERT_TRUE(route);
  EXPECT_EQ(route->rtmp_url(), "rtmp://media-2:1935");
}

TEST(StatusMap, PassesOnTheFieldsThatTheRulesFoundWrong) {
  Refusal refusal;
  refusal.reason = RefusalReason::kInvalidField;
  refusal.violations = {{.field = "replace_session_ids[0]", .description = "is another user's"}};
  const auto bad = wire::StatusDetails(status_of(refusal)).detail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->field_violations(0).field(), "replace_session_ids[0]");
}

}  // namespace
}  // namespace weir::control::rpc
