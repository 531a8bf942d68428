// How one event becomes one line: a pure function, so that what is written can be tested.
#pragma once

#include <concepts>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "common/clock.h"

namespace weir::log {

enum class Level { kDebug, kInfo, kWarn, kError };
enum class Format { kText, kJson };

std::string_view to_text(Level level);

// A fact about the event. Refers to the caller's text, so it lives only as long as the call.
// A Secret is not a value: logging one does not compile.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  Field(std::string_view field_key, const char* text)
      : key(field_key), value(std::string_view(text)) {}
  Field(std::string_view field_key, const std::string& text)
      : key(field_key), value(std::string_view(text)) {}
  Field(std::string_view field_key, std::same_as<bool> auto flag) : key(field_key), value(flag) {}
  Field(std::string_view field_key, std::signed_integral auto number)
      : key(field_key), value(std::int64_t{number}) {}
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  Field(std::string_view field_key, Number number) : key(field_key), value(std::uint64_t{number}) {}
  Field(std::string_view field_key, double number) : key(field_key), value(number) {}

  std::string_view key;
  Value value;
};

// Who writes; the same on every line of a process.
struct Identity {
  std::string service;
  std::string version;
  std::string instance_id;
};

struct Event {
  WallTime time;
  Level level;
  // Fixed and documented: "session.admitted".
  std::string_view name;
  // For people; may be worded differently one day.
  std::string_view text;
  std::span<const Field> fields;
  std::source_location place;
};

// One line with its end, in memory of the calling thread that its next line takes. Control
// characters, quotes and bytes that are not UTF-8 are escaped, so that no peer can forge a line or
// move a terminal's cursor.
std::string_view line_of(const Event& event, const Identity& identity, Format format);

}  // namespace weir::log
