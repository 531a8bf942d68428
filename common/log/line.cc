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

// Room at the end of a line, made once for all the pieces of a member: a line has some sixty of
// them. What is left over goes back at the end.
class Room {
 public:
  Room(Line& line, std::size_t most_bytes) : line_(line) {
    const std::size_t begin = line.size();
    line.resize(begin + most_bytes);
    at_ = line.data() + begin;
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    const auto end = static_cast<std::size_t>(at_ - line_.data());
    assert(end <= line_.size());
    line_.resize(end);
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
  // Keys are literals of ours: there is nothing to escape in them.
  void put_key(std::string_view key) {
    put(',');
    put('"');
    put(key);
    put('"');
    put(':');
  }

 private:
  Line& line_;
  char* at_;
};

constexpr std::size_t kPunctuation = 8;

std::size_t most_escaped(std::string_view text) { return kMostEscapedBytes * text.size(); }

// RFC 3339 in UTC, to the millisecond. The part that stays for a second is kept for the next line.
void append_timestamp(Line& line, WallTime time) {
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
  Room room(line, last.text.size() + kPunctuation);
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

std::size_t most_bytes(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return most_escaped(field.key) + (text ? most_escaped(*text) : kLongestNumber) + kPunctuation;
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

void append_member(Line& line, std::string_view key, std::string_view text) {
  Room room(line, key.size() + most_escaped(text) + kPunctuation);
  room.put_key(key);
  room.put_quoted(text);
}

// A word of our own: nothing to escape in it either.
void append_word(Line& line, std::string_view key, std::string_view word) {
  Room room(line, key.size() + word.size() + kPunctuation);
  room.put_key(key);
  room.put('"');
  room.put(word);
  room.put('"');
}

// "media_svc/net/listener.cc:12"; the compiler was called from the build folder below the sources.
void append_source(Line& line, const std::source_location& place) {
  std::string_view file = place.file_name();
  while (file.starts_with("../")) file.remove_prefix(3);
  Room room(line, file.size() + kLongestNumber + kPunctuation);
  room.put(file);
  room.put(':');
  room.put_number(place.line());
}

void append_json(Line& line, const Event& event, const Identity& identity) {
  line.append(std::string_view("{\"time\":\""));
  append_timestamp(line, event.time);
  line.push_back('"');
  append_word(line, "level", to_text(event.level));
  append_member(line, "msg", event.text);
  append_word(line, "event", event.name);
  append_word(line, "service", identity.service);
  append_word(line, "version", identity.version);
  // A service without instances of its own leaves the name to the instance that an event is about.
  if (!identity.instance_id.empty()) append_member(line, "instance_id", identity.instance_id);
  line.append(std::string_view(",\"source\":\""));
  append_source(line, event.place);
  line.push_back('"');
  for (const Field& field : event.fields) {
    Room room(line, most_bytes(field));
    room.put_key(field.key);
    put_value(room, field.value, Format::kJson);
  }
  line.push_back('}');
}

void append_text(Line& line, const Event& event) {
  append_timestamp(line, event.time);
  fmt::format_to(std::back_inserter(line), " {:<5} {} ", to_text(event.level), event.name);
  Room(line, most_escaped(event.text)).put_escaped(event.text);
  for (const Field& field : event.fields) {
    Room room(line, most_bytes(field));
    room.put(' ');
    put_text_value(room, field.key);
    room.put('=');
    put_value(room, field.value, Format::kText);
  }
  line.append(std::string_view(" ("));
  append_source(line, event.place);
  line.push_back(')');
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
  line.clear();
  if (format == Format::kJson) {
    append_json(line, event, identity);
  } else {
    append_text(line, event);
  }
  line.push_back('\n');
  return {line.data(), line.size()};
}

}  // namespace weir::log
