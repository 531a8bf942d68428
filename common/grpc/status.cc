#include "common/grpc/status.h"

#include <utility>

#include "common/grpc/proto_time.h"

namespace weir::wire {

StatusBuilder::StatusBuilder(grpc::StatusCode code, std::string_view reason, std::string message) {
  status_.set_code(code);
  status_.set_message(std::move(message));
  info_.set_reason(std::string(reason));
  info_.set_domain(std::string(kErrorDomain));
}

StatusBuilder& StatusBuilder::metadata(std::string_view key, std::string_view value) {
  (*info_.mutable_metadata())[std::string(key)] = std::string(value);
  return *this;
}

StatusBuilder& StatusBuilder::bad_field(std::string_view field, std::string_view description) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  return *this;
}

StatusBuilder& StatusBuilder::quota_violation(std::string_view subject,
                                              std::string_view description) {
  auto* violation = quota_.add_violations();
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  return *this;
}

StatusBuilder& StatusBuilder::retry_after(Duration delay) {
  google::rpc::RetryInfo retry;
  *retry.mutable_retry_delay() = to_proto(delay);
  return detail(retry);
}

StatusBuilder& StatusBuilder::detail(const google::protobuf::Message& message) {
  status_.add_details()->PackFrom(message);
  return *this;
}

grpc::Status StatusBuilder::build() {
  google::rpc::Status whole;
  whole.set_code(status_.code());
  whole.set_message(status_.message());
  // ErrorInfo comes first: readers that show one detail show the reason.
  whole.add_details()->PackFrom(info_);
  if (bad_request_.field_violations_size() > 0) whole.add_details()->PackFrom(bad_request_);
  if (quota_.violations_size() > 0) whole.add_details()->PackFrom(quota_);
  for (auto& any : *status_.mutable_details()) whole.add_details()->Swap(&any);
  return {static_cast<grpc::StatusCode>(whole.code()), whole.message(), whole.SerializeAsString()};
}

StatusDetails::StatusDetails(const grpc::Status& status) {
  // Bytes that do not parse are a peer's status without details.
  if (!status_.ParseFromString(status.error_details())) status_.Clear();
  for (const auto& any : status_.details()) {
    google::rpc::ErrorInfo info;
    if (any.Is<google::rpc::ErrorInfo>() && any.UnpackTo(&info) && info.domain() == kErrorDomain) {
      info_ = std::move(info);
      return;
    }
  }
}

std::optional<std::string> StatusDetails::metadata(const std::string& key) const {
  const auto found = info_.metadata().find(key);
  if (found == info_.metadata().end()) return std::nullopt;
  return found->second;
}

std::optional<Duration> StatusDetails::retry_after() const {
  const auto retry = detail<google::rpc::RetryInfo>();
  return retry ? from_proto(retry->retry_delay()) : std::nullopt;
}

}  // namespace weir::wire
