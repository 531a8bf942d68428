#include "control_svc/domain/field_check.h"

#include <fmt/format.h>

#include <cstdint>

#include "common/utf8.h"

namespace weir::control::domain {
namespace {

constexpr std::string_view kAnonymous = "anon:";
constexpr std::string_view kAnonymousPublisher = "anon:pub:";

bool is_printable(std::uint32_t c) {
  const bool separator = c == 0x2028 || c == 0x2029;
  return !is_control(c) && !separator;
}

// Bytes of the first character; 0: it is none, or not a printable one.
std::size_t first_printable(std::string_view text) {
  // Nearly all names are ASCII.
  if (text.front() > ' ' && text.front() < '\x7F') return 1;
  const CodePoint next = first_code_point(text);
  return next.bytes != 0 && is_printable(next.value) ? next.bytes : 0;
}

bool printable_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = first_printable(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

// As much of the beginning as is printable and fits.
std::string_view printable_beginning(std::string_view text, std::size_t max_bytes) {
  std::size_t kept = 0;
  while (kept < text.size()) {
    const std::size_t bytes = first_printable(text.substr(kept));
    if (bytes == 0 || kept + bytes > max_bytes) break;
    kept += bytes;
  }
  return text.substr(0, kept);
}

bool app_and_name(std::string_view stream_id) {
  const std::size_t slash = stream_id.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < stream_id.size() &&
         stream_id.back() != '/';
}

}  // namespace

void FieldCheck::add(std::string_view field, std::string_view description) {
  violations_.push_back({std::string(field), std::string(description)});
}

FieldCheck& FieldCheck::printable(std::string_view field, std::string_view value,
                                  std::size_t max_bytes) {
  if (value.size() > max_bytes) {
    return that(false, field, fmt::format("must have at most {} bytes", max_bytes));
  }
  return that(printable_utf8(value), field, "must be printable UTF-8 without control characters");
}

FieldCheck& FieldCheck::id(std::string_view field, std::string_view value) {
  if (value.empty()) return that(false, field, "must not be empty");
  return optional_id(field, value);
}

FieldCheck& FieldCheck::optional_id(std::string_view field, std::string_view value) {
  return printable(field, value, kMaxIdBytes);
}

FieldCheck& FieldCheck::user_id(std::string_view field, std::string_view value) {
  if (value.size() > kMaxIdBytes && value.starts_with(kAnonymousPublisher)) {
    return stream_id(field, value.substr(kAnonymousPublisher.size()));
  }
  return id(field, value);
}

FieldCheck& FieldCheck::optional_user_id(std::string_view field, std::string_view value) {
  return value.empty() ? *this : user_id(field, value);
}

FieldCheck& FieldCheck::stream_id(std::string_view field, std::string_view value) {
  if (value.empty()) return that(false, field, "must not be empty");
  const std::size_t before = violations_.size();
  printable(field, value, kMaxStreamIdBytes);
  if (violations_.size() > before) return *this;
  return that(app_and_name(value), field, "must have the form {app}/{name}");
}

FieldCheck& FieldCheck::text(std::string_view field, std::string_view value) {
  return that(value.size() <= kMaxTextBytes, field, "must have at most 4096 bytes");
}

std::optional<Refusal> FieldCheck::refusal() const {
  if (violations_.empty()) return std::nullopt;
  std::string text;
  for (const FieldViolation& violation : violations_) {
    if (!text.empty()) text += "; ";
    text += violation.field + " " + violation.description;
  }
  Refusal refusal = refuse(RefusalReason::kInvalidField, std::move(text));
  refusal.violations = violations_;
  return refusal;
}

Refusal refuse_field(std::string_view field, std::string_view description) {
  return *FieldCheck{}.that(false, field, description).refusal();
}

std::string anonymous_user(const AdmitRequest& request) {
  if (request.kind == SessionKind::kPublish) {
    return std::string(kAnonymousPublisher) + request.stream_id;
  }
  return std::string(kAnonymous)
      .append(printable_beginning(request.client.address, kMaxIdBytes - kAnonymous.size()));
}

bool is_anonymous(std::string_view user_id) { return user_id.starts_with(kAnonymous); }

}  // namespace weir::control::domain
