// Refusals as they travel: google.rpc.Status with ErrorInfo{reason, domain "weir"} and details.
//
// The namespace is `wire`: one called `grpc` would hide ::grpc from everything within weir.
#pragma once

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace weir::wire {

inline constexpr std::string_view kErrorDomain = "weir";

// Builds one refusal, in the handler that refuses. Ended by `build()`, which may be called once.
class StatusBuilder {
 public:
  StatusBuilder(grpc::StatusCode code, std::string_view reason, std::string message);

  StatusBuilder& metadata(std::string_view key, std::string_view value);
  // Names one bad request field; all of them end up in a single BadRequest.
  StatusBuilder& bad_field(std::string_view field, std::string_view description);
  StatusBuilder& quota_violation(std::string_view subject, std::string_view description);
  StatusBuilder& retry_after(Duration delay);
  // A detail of our own: SessionConflict, Route.
  StatusBuilder& detail(const google::protobuf::Message& message);
  grpc::Status build();

 private:
  google::rpc::Status status_;
  google::rpc::ErrorInfo info_;
  google::rpc::BadRequest bad_request_;
  google::rpc::QuotaFailure quota_;
};

// What a status from a peer says; every accessor is empty or null where the peer did not say it.
// A value of whoever made the call.
class StatusDetails {
 public:
  explicit StatusDetails(const grpc::Status& status);

  // Empty when the status carries no ErrorInfo of our domain.
  const std::string& reason() const { return info_.reason(); }
  std::optional<std::string> metadata(const std::string& key) const;
  std::optional<Duration> retry_after() const;
  // The first detail of this type.
  template <class Message>
  std::optional<Message> detail() const {
    Message message;
    for (const auto& any : status_.details()) {
      if (any.Is<Message>() && any.UnpackTo(&message)) return message;
    }
    return std::nullopt;
  }

 private:
  google::rpc::Status status_;
  google::rpc::ErrorInfo info_;
};

}  // namespace weir::wire
