#include "common/config/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/file.h"

namespace weir::config {
namespace {

std::string key_of(std::string_view name) {
  std::string key(name);
  const std::size_t dash = key.find('-');
  if (dash != std::string::npos) key[dash] = '.';
  return key;
}

template <class T>
std::string bounds_text(const Bounds<T>& bounds) {
  return to_text(bounds.min) + " to " + to_text(bounds.max);
}

// Reads a bounded value; `parse` knows its form, `expected` names it.
template <class T, class Parse>
Option::Set set_within(T& value, Bounds<T> bounds, Parse parse, std::string expected) {
  return [&value, bounds, parse,
          expected = std::move(expected)](std::string_view text) -> std::optional<std::string> {
    const std::optional<T> parsed = parse(text);
    if (!parsed) return "must be " + expected;
    if (*parsed < bounds.min || bounds.max < *parsed) {
      return "must be from " + bounds_text(bounds);
    }
    value = *parsed;
    return std::nullopt;
  };
}

constexpr std::string_view kEndpointForm =
    "host:port, the port at most 65535, an IPv6 address in brackets";

}  // namespace

std::string Option::environment() const {
  std::string variable = "WEIR_" + name;
  std::ranges::transform(variable, variable.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return variable;
}

Option& Options::append(const Declared& declared, std::string type, Option::Set set,
                        Option::Show show) {
  Option option;
  option.name = declared.name;
  option.key = declared.key.empty() ? key_of(declared.name) : declared.key;
  option.help = declared.help;
  option.type = std::move(type);
  option.set = std::move(set);
  option.show = std::move(show);
  option.shown_default = declared.shown_default.empty() ? option.show() : declared.shown_default;
  return options_.emplace_back(std::move(option));
}

void Options::add(const Declared& declared, bool& value) {
  const auto set = [&value](std::string_view text) -> std::optional<std::string> {
    const std::optional<bool> parsed = parse_bool(text);
    if (!parsed) return "must be true or false";
    value = *parsed;
    return std::nullopt;
  };
  append(declared, "true | false", set, [&value] { return to_text(value); }).is_flag = true;
}

void Options::add(const Declared& declared, std::string& value) {
  const auto set = [&value](std::string_view text) -> std::optional<std::string> {
    value = text;
    return std::nullopt;
  };
  append(declared, "text", set, [&value] { return value; });
}

void Options::add(const Declared& declared, Endpoint& value) {
  const auto set = [&value](std::string_view text) -> std::optional<std::string> {
    const std::optional<Endpoint> parsed = parse_endpoint(text);
    if (!parsed) return fmt::format("must be {}", kEndpointForm);
    value = *parsed;
    return std::nullopt;
  };
  append(declared, "host:port", set, [&value] { return weir::to_string(value); });
}

void Options::add(const Declared& declared, std::optional<Endpoint>& value) {
  const auto set = [&value](std::string_view text) -> std::optional<std::string> {
    if (text == "off") {
      value.reset();
      return std::nullopt;
    }
    const std::optional<Endpoint> parsed = parse_endpoint(text);
    if (!parsed) return fmt::format("must be off or {}", kEndpointForm);
    value = parsed;
    return std::nullopt;
  };
  append(declared, "host:port | off", set,
         [&value] { return value ? weir::to_string(*value) : std::string("off"); });
}

void Options::add(const Declared& declared, Duration& value, Bounds<Duration> bounds) {
  append(declared, "duration",
         set_within(value, bounds, parse_duration, "a duration such as 500ms, 10s or 24h"),
         [&value] { return to_text(value); })
      .bounds = bounds_text(bounds);
}

void Options::add(const Declared& declared, ByteSize& value, Bounds<ByteSize> bounds) {
  append(declared, "size",
         set_within(value, bounds, parse_byte_size, "a size such as 64KiB or 4MiB"),
         [&value] { return to_text(value); })
      .bounds = bounds_text(bounds);
}

void Options::add(const Declared& declared, std::int64_t& value, Bounds<std::int64_t> bounds) {
  append(declared, "integer", set_within(value, bounds, parse_integer, "an integer"), [&value] {
    return to_text(value);
  }).bounds = bounds_text(bounds);
}

void Options::add(const Declared& declared, double& value, Bounds<double> bounds) {
  append(declared, "number", set_within(value, bounds, parse_number, "a number"), [&value] {
    return to_text(value);
  }).bounds = bounds_text(bounds);
}

void Options::add(const Declared& declared, Secret& value) {
  const auto set = [&value](std::string_view text) -> std::optional<std::string> {
    value = Secret(std::string(text));
    return std::nullopt;
  };
  append(declared, "secret", set,
         [&value] { return std::string(value.empty() ? "" : "********"); });

  const auto path = std::make_shared<std::string>();
  const auto set_from_file = [&value, path](std::string_view text) -> std::optional<std::string> {
    *path = text;
    if (!value.empty()) return "excludes the option without -file";
    std::optional<std::string> content = read_file(*path);
    if (!content) return "cannot read " + *path;
    while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
    value = Secret(std::move(*content));
    return std::nullopt;
  };
  append({.name = declared.name + "-file",
          .help = fmt::format("A file that holds --{}.", declared.name)},
         "path", set_from_file, [path] { return *path; });
}

void Options::add_command(const Declared& declared, bool& asked) {
  Option command;
  command.name = declared.name;
  command.help = declared.help;
  command.is_flag = true;
  command.set = [&asked](std::string_view) -> std::optional<std::string> {
    asked = true;
    return std::nullopt;
  };
  commands_.push_back(std::move(command));
}

void Options::require(std::function<std::optional<std::string>()> rule) {
  rules_.push_back(std::move(rule));
}

}  // namespace weir::config
