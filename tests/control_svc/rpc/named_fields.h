// Whether a refusal says which field is wrong.
#pragma once

#include <grpcpp/support/status.h>

#include <algorithm>
#include <string_view>

#include "common/grpc/status.h"

namespace weir::control::rpc {

// A violation of the field itself, or of the message or list that it is in.
inline bool names_field(const grpc::Status& status, std::string_view field) {
  const wire::StatusDetails details(status);
  const auto bad_request = details.detail<google::rpc::BadRequest>();
  if (details.reason() != "INVALID_FIELD" || !bad_request) return false;
  return std::ranges::any_of(bad_request->field_violations(), [field](const auto& violation) {
    const std::string_view named = violation.field();
    const auto within = [](std::string_view inner, std::string_view outer) {
      return !outer.empty() && inner.starts_with(outer) &&
             (inner.size() == outer.size() || inner[outer.size()] == '.' ||
              inner[outer.size()] == '[');
    };
    return within(field, named) || within(named, field);
  });
}

}  // namespace weir::control::rpc
