#include "control_svc/domain/field_check.h"

#include <cstdint>

namespace weir::control::domain {
namespace {

constexpr std::string_view kAnonymous = "anon:";

struct CodePoint {
  std::uint32_t value = 0;
  // 0: not UTF-8.
  std::size_t size = 0;
};

CodePoint first_code_point(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >> 5 == 0x06   ? 2
                           : lead >> 4 == 0x0e ? 3
                           : lead >> 3 == 0x1e ? 4
                                               : 0;
  if (size == 0 || text.size() < size) return {};
  std::uint32_t value = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) >> 6 != 0x02) return {};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  // The shortest form only, no surrogates, nothing beyond Unicode (RFC 3629, section 3).
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, size};
}

bool printable(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool separator = c == 0x2028 || c == 0x2029;
  return !control && !separator;
}

bool printable_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.size == 0 || !printable(next.value)) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

bool app_and_name(std::string_view stream_id) {
  const std::size_t slash = stream_id.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < stream_id.size() &&
         stream_id.back() != '/';
}

}  // namespace

FieldCheck& FieldCheck::that(bool holds, std::string_view field, std::string_view description) {
  if (!holds) violations_.push_back({std::string(field), std::string(description)});
  return *this;
}

FieldCheck& FieldCheck::id(std::string_view field, std::string_view value) {
  if (value.empty()) return that(false, field, "must not be empty");
  return optional_id(field, value);
}

FieldCheck& FieldCheck::optional_id(std::string_view field, std::string_view value) {
  if (value.size() > kMaxIdBytes) return that(false, field, "must have at most 128 bytes");
  return that(printable_utf8(value), field, "must be printable UTF-8 without control characters");
}

FieldCheck& FieldCheck::stream_id(std::string_view field, std::string_view value) {
  const std::size_t before = violations_.size();
  id(field, value);
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
    return std::string(kAnonymous) + "pub:" + request.stream_id;
  }
  return std::string(kAnonymous) + request.client.address.substr(0, kMaxIdBytes);
}

bool is_anonymous(std::string_view user_id) { return user_id.starts_with(kAnonymous); }

}  // namespace weir::control::domain
