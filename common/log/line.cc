#include "common/log/line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <iterator>

#include "common/log/escape.h"

namespace weir::log {
namespace {

using Line = fmt::memory_buffer;

// As many digits as a number can have, and a sign; of a double its shortest text.
constexpr std::size_t kLongestNumber = 24;

// Room for one line, made once for all of its pieces, some sixty.
class Room {
 public:
  Room(Line& line, std::size_t most_bytes) : line_(line) {
    line.resize(most_bytes);
    at_ = line.data();
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  // What was put so far; lives as long as the line.
  std::string_view taken() const {
    const auto bytes = static_cast<std::size_t>(at_ - line_.data());
    assert(bytes <= line_.size());
    return {line_.data(), bytes};
  }

  void put(char c) { *at_++ = c; }
  void put(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
  void put_number(std::integral auto number) {
    const fmt::format_int digits(number);
    put(std::string_view(digits.data(), digits.size()));
  }
  void put_number(double number) { at_ = fmt::format_to(at_, "{}", number); }
  void put_escaped(std::string_view text) { at_ = escape(text, at_); }
  void put_quoted(std::string_view text) {
    put('"');
    put_escaped(text);
    put('"');
  }
  void put_padded(std::string_view text, std::size_t width) {
    put(text);
    for (std::size_t i = text.size(); i < width; ++i) put(' ');
  }
  // Keys are literals of ours: there is nothing to escape in them.
  void put_key(std::string_view key) {
    put(',');
    put('"');
    put(key);
    put('"');
    put(':');
  }

 private:
  const Line& line_;
  char* at_;
};

constexpr std::size_t kPunctuation = 8;
// The keys, the time and the source's number in front of the fields, and their punctuation.
constexpr std::size_t kFixed = 256;

std::size_t most_escaped(std::string_view text) { return kMostEscapedBytes * text.size(); }

std::size_t most_bytes(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return most_escaped(field.key) + (text ? most_escaped(*text) : kLongestNumber) + kPunctuation;
}

std::size_t most_bytes(const Event& event, const Identity& identity) {
  std::size_t most = kFixed + event.name.size() + most_escaped(event.text) +
                     identity.service.size() + identity.version.size() +
                     most_escaped(identity.instance_id) +
                     std::string_view(event.place.file_name()).size();
  for (const Field& field : event.fields) most += most_bytes(field);
  return most;
}

// RFC 3339 in UTC, to the millisecond. The part that stays for a second is kept for the next line.
void put_timestamp(Room& room, WallTime time) {
  struct Second {
    std::chrono::sys_seconds time;
    std::string text;
  };
  thread_local Second last;
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (last.text.empty() || last.time != second) {
    last = {second, fmt::format("{:%Y-%m-%dT%H:%M:%S}",
                                fmt::gmtime(std::chrono::system_clock::to_time_t(second)))};
  }
  const auto millis = static_cast<int>((time - second).count());
  const auto digit = [](int number) { return static_cast<char>('0' + number % 10); };
  room.put(last.text);
  room.put('.');
  room.put(digit(millis / 100));
  room.put(digit(millis / 10));
  room.put(digit(millis));
  room.put('Z');
}

// Bare where a reader cannot mistake it, quoted elsewhere.
void put_text_value(Room& room, std::string_view text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < '\x7F' && c != '"' && c != '\\' && c != '=';
  });
  if (bare) {
    room.put(text);
  } else {
    room.put_quoted(text);
  }
}

void put_value(Room& room, const Field::Value& value, Format format) {
  const auto put = [&](const auto& held) {
    using Held = std::remove_cvref_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, std::string_view>) {
      format == Format::kJson ? room.put_quoted(held) : put_text_value(room, held);
    } else if constexpr (std::is_same_v<Held, double>) {
      // JSON has no word for infinity (RFC 8259 section 6).
      std::isfinite(held) ? room.put_number(held) : room.put("null");
    } else if constexpr (std::is_same_v<Held, bool>) {
      room.put(held ? "true" : "false");
    } else {
      room.put_number(held);
    }
  };
  std::visit(put, value);
}

// "media_svc/net/listener.cc:12"; the compiler was called from the build folder below the sources.
void put_source(Room& room, const std::source_location& place) {
  std::string_view file = place.file_name();
  while (file.starts_with("../")) file.remove_prefix(3);
  room.put(file);
  room.put(':');
  room.put_number(place.line());
}

// Words of our own have nothing to escape in them.
void put_json(Room& room, const Event& event, const Identity& identity) {
  room.put("{\"time\":\"");
  put_timestamp(room, event.time);
  room.put("\",\"level\":\"");
  room.put(to_text(event.level));
  room.put("\",\"msg\":\"");
  room.put_escaped(event.text);
  room.put("\",\"event\":\"");
  room.put(event.name);
  room.put("\",\"service\":\"");
  room.put(identity.service);
  room.put("\",\"version\":\"");
  room.put(identity.version);
  // A service without instances of its own leaves the name to the instance that an event is about.
  if (!identity.instance_id.empty()) {
    room.put("\",\"instance_id\":\"");
    room.put_escaped(identity.instance_id);
  }
  room.put("\",\"source\":\"");
  put_source(room, event.place);
  room.put('"');
  for (const Field& field : event.fields) {
    room.put_key(field.key);
    put_value(room, field.value, Format::kJson);
  }
  room.put('}');
}

void put_text(Room& room, const Event& event) {
  put_timestamp(room, event.time);
  room.put(' ');
  room.put_padded(to_text(event.level), 5);
  room.put(' ');
  room.put(event.name);
  room.put(' ');
  room.put_escaped(event.text);
  for (const Field& field : event.fields) {
    room.put(' ');
    put_text_value(room, field.key);
    room.put('=');
    put_value(room, field.value, Format::kText);
  }
  room.put(" (");
  put_source(room, event.place);
  room.put(')');
}

}  // namespace

std::string_view to_text(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "";
}

std::string_view line_of(const Event& event, const Identity& identity, Format format) {
  // Kept, so that a line needs no memory of its own.
  thread_local Line line;
  Room room(line, most_bytes(event, identity));
  if (format == Format::kJson) {
    put_json(room, event, identity);
  } else {
    put_text(room, event);
  }
  room.put('\n');
  return room.taken();
}

}  // namespace weir::log
