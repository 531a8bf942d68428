#include "common/grpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/v1/session_service.pb.h>

namespace weir::wire {
namespace {

using namespace std::chrono_literals;

TEST(Status, CarriesReasonAndEveryDetail) {
  weir::v1::SessionConflict conflict;
  conflict.add_sessions()->set_session_id("s-1");
  const grpc::Status status =
      StatusBuilder(grpc::StatusCode::RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED", "3 of 3 used")
          .metadata("limit", "3")
          .quota_violation("user:alice", "at most 3 sessions of kind play")
          .retry_after(2500ms)
          .detail(conflict)
          .build();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "3 of 3 used");
  const StatusDetails details(status);
  EXPECT_EQ(details.reason(), "SESSION_LIMIT_REACHED");
  EXPECT_EQ(details.metadata("limit"), "3");
  EXPECT_EQ(details.metadata("absent"), std::nullopt);
  EXPECT_EQ(details.retry_after(), 2500ms);
  ASSERT_TRUE(details.detail<google::rpc::QuotaFailure>());
  EXPECT_EQ(details.detail<google::rpc::QuotaFailure>()->violations(0).subject(), "user:alice");
  ASSERT_TRUE(details.detail<weir::v1::SessionConflict>());
  EXPECT_EQ(details.detail<weir::v1::SessionConflict>()->sessions(0).session_id(), "s-1");
  EXPECT_FALSE(details.detail<google::rpc::BadRequest>());
}

TEST(Status, NamesEachBadFieldInOneBadRequest) {
  const grpc::Status status =
      StatusBuilder(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD", "2 fields are wrong")
          .bad_field("user_id", "is empty")
          .bad_field("stream_id", "has no '/'")
          .build();
  const auto bad = StatusDetails(status).detail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad);
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "user_id");
  EXPECT_EQ(bad->field_violations(1).description(), "has no '/'");
}

TEST(Status, PutsTheReasonBeforeOtherDetails) {
  const grpc::Status status =
      StatusBuilder(grpc::StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE", "later")
          .retry_after(1s)
          .build();
  google::rpc::Status whole;
  ASSERT_TRUE(whole.ParseFromString(status.error_details()));
  ASSERT_EQ(whole.details_size(), 2);
  EXPECT_TRUE(whole.details(0).Is<google::rpc::ErrorInfo>());
  EXPECT_EQ(whole.code(), status.error_code());
}

TEST(StatusDetails, OfStatusesThatAreNotOursAreEmpty) {
  google::rpc::Status foreign;
  google::rpc::ErrorInfo info;
  info.set_reason("QUOTA");
  info.set_domain("example.com");
  foreign.add_details()->PackFrom(info);
  for (const std::string& bytes :
       {std::string(), std::string("\xff garbage"), foreign.SerializeAsString()}) {
    const StatusDetails details(grpc::Status(grpc::StatusCode::INTERNAL, "broken", bytes));
    EXPECT_EQ(details.reason(), "");
    EXPECT_EQ(details.retry_after(), std::nullopt);
  }
}

}  // namespace
}  // namespace weir::wire
