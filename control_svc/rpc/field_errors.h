// What is wrong with a request, field by field, so that one answer names every mistake.
#pragma once

#include <grpcpp/support/status.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::control::rpc {

inline constexpr std::size_t kMaxIdBytes = 128;
inline constexpr std::size_t kMaxTextBytes = 4096;

// Filled by one request's validation, on its thread.
class FieldErrors {
 public:
  void add(std::string field, std::string description);

  // 1–128 bytes of printable UTF-8 without control characters.
  void require_id(std::string_view field, std::string_view value);
  // The same, or nothing.
  void allow_id(std::string_view field, std::string_view value);
  // An id of the form "{app}/{name}".
  void require_stream_id(std::string_view field, std::string_view value);
  void allow_stream_id(std::string_view field, std::string_view value);
  // Text that people or clients wrote: up to 4 KiB, whatever its characters.
  void allow_text(std::string_view field, std::string_view value);
  // Zero asks for the default, so only a negative size is wrong; a large one is cut.
  void allow_page_size(std::string_view field, std::int32_t value);

  bool empty() const { return violations_.empty(); }
  // INVALID_ARGUMENT INVALID_FIELD with a BadRequest; OK when nothing is wrong.
  grpc::Status status() const;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace weir::control::rpc
