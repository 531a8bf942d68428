#include "common/log/line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include "common/log/escape.h"

namespace weir::log {
namespace {

// RFC 3339 in UTC, to the millisecond. The part that stays for a second is kept for the next line.
void append_timestamp(std::string& line, WallTime time) {
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
  line += last.text;
  const auto millis = static_cast<int>((time - second).count());
  const auto digit = [](int number) { return static_cast<char>('0' + number % 10); };
  const char fraction[] = {'.', digit(millis / 100), digit(millis / 10), digit(millis), 'Z'};
  line.append(fraction, sizeof fraction);
}

void append_number(std::string& line, std::integral auto number) {
  const fmt::format_int digits(number);
  line.append(digits.data(), digits.size());
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  append_escaped(line, text);
  line += '"';
}

// Bare where a reader cannot mistake it, quoted elsewhere.
void append_text_value(std::string& line, std::string_view text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < '\x7F' && c != '"' && c != '\\' && c != '=';
  });
  if (bare) {
    line += text;
  } else {
    append_quoted(line, text);
  }
}

void append_value(std::string& line, const Field::Value& value, Format format) {
  const auto append = [&](const auto& held) {
    using Held = std::remove_cvref_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, std::string_view>) {
      format == Format::kJson ? append_quoted(line, held) : append_text_value(line, held);
    } else if constexpr (std::is_same_v<Held, double>) {
      // JSON has no word for infinity (RFC 8259 section 6).
      line += std::isfinite(held) ? fmt::format("{}", held) : "null";
    } else if constexpr (std::is_same_v<Held, bool>) {
      line += held ? "true" : "false";
    } else {
      append_number(line, held);
    }
  };
  std::visit(append, value);
}

// Keys are literals of ours: there is nothing to escape in them.
void append_key(std::string& line, std::string_view key) {
  line += ",\"";
  line += key;
  line += "\":";
}

void append_member(std::string& line, std::string_view key, std::string_view text) {
  append_key(line, key);
  append_quoted(line, text);
}

// A word of our own, so likewise.
void append_word(std::string& line, std::string_view key, std::string_view word) {
  append_key(line, key);
  line += '"';
  line += word;
  line += '"';
}

// "media_svc/net/listener.cc:12"; the compiler was called from the build folder below the sources.
void append_source(std::string& line, const std::source_location& place) {
  std::string_view file = place.file_name();
  while (file.starts_with("../")) file.remove_prefix(3);
  line += file;
  line += ':';
  append_number(line, place.line());
}

void append_json(std::string& line, const Event& event, const Identity& identity) {
  line += "{\"time\":\"";
  append_timestamp(line, event.time);
  line += '"';
  append_word(line, "level", to_text(event.level));
  append_member(line, "msg", event.text);
  append_word(line, "event", event.name);
  append_word(line, "service", identity.service);
  append_word(line, "version", identity.version);
  // A service without instances of its own leaves the name to the instance that an event is about.
  if (!identity.instance_id.empty()) append_member(line, "instance_id", identity.instance_id);
  line += ",\"source\":\"";
  append_source(line, event.place);
  line += '"';
  for (const Field& field : event.fields) {
    append_key(line, field.key);
    append_value(line, field.value, Format::kJson);
  }
  line += '}';
}

void append_text(std::string& line, const Event& event) {
  append_timestamp(line, event.time);
  fmt::format_to(std::back_inserter(line), " {:<5} {} ", to_text(event.level), event.name);
  append_escaped(line, event.text);
  for (const Field& field : event.fields) {
    line += ' ';
    append_text_value(line, field.key);
    line += '=';
    append_value(line, field.value, Format::kText);
  }
  line += " (";
  append_source(line, event.place);
  line += ')';
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

void append_line(std::string& lines, const Event& event, const Identity& identity, Format format) {
  if (format == Format::kJson) {
    append_json(lines, event, identity);
  } else {
    append_text(lines, event);
  }
  lines += '\n';
}

}  // namespace weir::log
