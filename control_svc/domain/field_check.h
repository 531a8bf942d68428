// The shape of requests: every bad field is named, not only the first.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"

namespace weir::control::domain {

inline constexpr std::size_t kMaxIdBytes = 128;
// As many as media instances take.
inline constexpr std::size_t kMaxStreamIdBytes = 256;
// Of each of client.*, credential and the texts that operators give.
inline constexpr std::size_t kMaxTextBytes = 4096;

// Collects violations; made for one request and asked once at its end.
class FieldCheck {
 public:
  // 1–128 bytes of printable UTF-8 without control characters.
  FieldCheck& id(std::string_view field, std::string_view value);
  FieldCheck& optional_id(std::string_view field, std::string_view value);
  // An id, or what anonymous_user() makes of a stream.
  FieldCheck& user_id(std::string_view field, std::string_view value);
  FieldCheck& optional_user_id(std::string_view field, std::string_view value);
  // 1–256 such bytes of the form {app}/{name}.
  FieldCheck& stream_id(std::string_view field, std::string_view value);
  FieldCheck& text(std::string_view field, std::string_view value);
  FieldCheck& that(bool holds, std::string_view field, std::string_view description) {
    if (!holds) add(field, description);
    return *this;
  }

  std::optional<Refusal> refusal() const;

 private:
  void add(std::string_view field, std::string_view description);
  FieldCheck& printable(std::string_view field, std::string_view value, std::size_t max_bytes);

  std::vector<FieldViolation> violations_;
};

Refusal refuse_field(std::string_view field, std::string_view description);

// Whom open mode takes a request without a user to come from: a publisher of its stream, a player
// at its address, as far as that can be part of an id.
std::string anonymous_user(const AdmitRequest& request);
bool is_anonymous(std::string_view user_id);

}  // namespace weir::control::domain
