// The command line of weir-load, read to its end whatever is wrong with it.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/config/units.h"
#include "common/version.h"

namespace weir::load {

// Declares options and reads them. A value that does not do becomes a mistake, to be told with all
// the others, where CLI11 by itself throws for the first. Lives while the program starts; what the
// options fill outlives it.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& purpose) : app_(purpose, name) {
    app_.set_version_flag("--version", kVersion);
    app_.allow_extras();
  }

  // `parse` makes an optional value of a text, `take` keeps it; `form` says what does. A value that
  // was left out is an empty text, unless the option has a default_str.
  template <class Parse, class Take>
  CLI::Option* add(const std::string& name, const std::string& form, const std::string& help,
                   Parse parse, Take take) {
    const auto read = [this, name, form, parse, take](const CLI::results_t& texts) {
      for (const std::string& text : texts) {
        if (auto value = parse(text)) {
          take(std::move(*value));
        } else {
          add_mistake(fmt::format("{}: '{}' is not {}", name, text, form));
        }
      }
      return true;
    };
    return app_.add_option(name, read, help)
        ->expected(0, 1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }

  template <class Number>
  void add_number(const std::string& name, Number& value, Number min, Number max,
                  const std::string& help) {
    const auto parse = [min, max](const std::string& text) -> std::optional<Number> {
      const auto number = config::parse_number(text);
      const bool does = number && *number >= static_cast<double>(min) &&
                        *number <= static_cast<double>(max) &&
                        *number == static_cast<double>(static_cast<Number>(*number));
      return does ? std::optional(static_cast<Number>(*number)) : std::nullopt;
    };
    add(name, fmt::format("a number from {} to {}", min, max), help, parse,
        [&value](Number number) { value = number; })
        ->type_name(fmt::format("{}-{} [{}]", min, max, value));
  }

  void add_duration(const std::string& name, Duration& value, Duration min,
                    const std::string& help) {
    const auto parse = [min](const std::string& text) {
      const auto duration = config::parse_duration(text);
      return duration && *duration >= min ? duration : std::nullopt;
    };
    const std::string least =
        min > Duration::zero() ? fmt::format(", at least {}", config::to_text(min)) : "";
    add(name, "a duration like 10s" + least, help, parse, [&value](Duration duration) {
      value = duration;
    })->type_name(fmt::format("DURATION [{}]", config::to_text(value)));
  }

  void add_flag(const std::string& name, bool& value, const std::string& help) {
    app_.add_flag(name, value, help);
  }

  // The exit code, where --help or --version was asked for.
  std::optional<int> read(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& asked) {
      return app_.exit(asked, std::cout, std::cerr);
    } catch (const CLI::ParseError& error) {
      add_mistake(error.what());
    }
    for (const std::string& rest : app_.remaining()) add_mistake(rest + ": unknown");
    return std::nullopt;
  }

  bool has(const std::string& name) const { return app_.count(name) > 0; }
  void add_mistake(std::string mistake) { mistakes_.push_back(std::move(mistake)); }
  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  CLI::App app_;
  std::vector<std::string> mistakes_;
};

}  // namespace weir::load
