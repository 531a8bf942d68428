// What gRPC's status codes are called in logs and metrics.
#pragma once

#include <grpcpp/support/status_code_enum.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::wire {

// As gRPC's documentation of status codes writes them, by number.
inline constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

// Its place in kCodeNames; that of UNKNOWN for a code of no release that is known here.
constexpr std::size_t code_index(grpc::StatusCode code) {
  const auto number = static_cast<std::size_t>(code);
  return number < kCodeNames.size() ? number : grpc::StatusCode::UNKNOWN;
}

constexpr std::string_view code_name(grpc::StatusCode code) { return kCodeNames[code_index(code)]; }

}  // namespace weir::wire
