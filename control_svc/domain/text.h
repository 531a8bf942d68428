// Strings of records: immutable, counted, one allocation each, so that copying a record is cheap
// and a million sessions stay small.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/shared_bytes.h"

namespace weir::control::domain {

// One immutable string; 8 bytes when empty. Copy and read from any thread.
class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) : bytes_(SharedBytes::copy_of(text)) {}

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  std::string str() const { return std::string(view()); }
  bool empty() const { return bytes_.empty(); }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }

 private:
  SharedBytes bytes_;
};

// What a session says in words.
struct SessionTexts {
  std::string_view stream_id = {};
  std::string_view instance_id = {};
  std::string_view client_address = {};
  std::string_view client_protocol = {};
  std::string_view client_user_agent = {};
  std::string_view client_device = {};
  std::string_view ended_by = {};
  // Told to the client of a kicked session.
  std::string_view message = {};
};

// All words of one session in one block. Fields are cut at 65,535 bytes; callers bound them far
// lower.
class PackedTexts {
 public:
  PackedTexts() = default;
  explicit PackedTexts(const SessionTexts& texts);

  // Views into the block; valid as long as this handle or a copy of it lives.
  SessionTexts view() const;
  std::string_view stream_id() const { return field(0); }
  std::string_view instance_id() const { return field(1); }

 private:
  static constexpr std::size_t kFields = 8;
  std::string_view field(std::size_t index) const;

  SharedBytes bytes_;
};

}  // namespace weir::control::domain
