#include "control_svc/rpc/field_errors.h"

#include <fmt/format.h>

#include "common/grpc/status.h"

namespace weir::control::rpc {
namespace {

// A request of 10,000 bad ids is not answered with 10,000 violations.
constexpr std::size_t kMaxViolations = 32;

// One code point from the front of `text`, which is consumed; nothing when it is not UTF-8
// (RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    text.remove_prefix(1);
    return first;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;
  char32_t point = first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return point;
}

// C0, DEL, C1, and the separators that end a line in a log viewer.
bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x2028 || point == 0x2029;
}

// What stands against `value` as an id, or null.
const char* id_mistake(std::string_view value) {
  if (value.empty()) return "is empty";
  if (value.size() > kMaxIdBytes) return "is longer than 128 bytes";
  while (!value.empty()) {
    const auto point = take_code_point(value);
    if (!point) return "is not UTF-8";
    if (is_control(*point)) return "holds a control character";
  }
  return nullptr;
}

const char* stream_id_mistake(std::string_view value) {
  if (const char* mistake = id_mistake(value)) return mistake;
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos || slash == 0 || value.back() == '/') {
    return "is not of the form {app}/{name}";
  }
  return nullptr;
}

}  // namespace

void FieldErrors::add(std::string field, std::string description) {
  if (violations_.size() < kMaxViolations) {
    violations_.emplace_back(std::move(field), std::move(description));
  }
}

void FieldErrors::require_id(std::string_view field, std::string_view value) {
  if (const char* mistake = id_mistake(value)) add(std::string(field), mistake);
}

void FieldErrors::allow_id(std::string_view field, std::string_view value) {
  if (!value.empty()) require_id(field, value);
}

void FieldErrors::require_stream_id(std::string_view field, std::string_view value) {
  if (const char* mistake = stream_id_mistake(value)) add(std::string(field), mistake);
}

void FieldErrors::allow_stream_id(std::string_view field, std::string_view value) {
  if (!value.empty()) require_stream_id(field, value);
}

void FieldErrors::allow_text(std::string_view field, std::string_view value) {
  if (value.size() > kMaxTextBytes) add(std::string(field), "is longer than 4 KiB");
}

void FieldErrors::allow_page_size(std::string_view field, std::int32_t value) {
  if (value < 0) add(std::string(field), "is negative");
}

grpc::Status FieldErrors::status() const {
  if (violations_.empty()) return grpc::Status::OK;
  const auto& [field, description] = violations_.front();
  const std::string more =
      violations_.size() > 1 ? fmt::format(" (and {} more)", violations_.size() - 1) : "";
  wire::StatusBuilder status(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD",
                             fmt::format("{} {}{}", field, description, more));
  for (const auto& [name, mistake] : violations_) status.bad_field(name, mistake);
  return status.build();
}

}  // namespace weir::control::rpc
