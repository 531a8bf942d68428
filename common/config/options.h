// Every option of a program, each declared once: name, type, default, bounds and help. The flag,
// the environment variable, the configuration file's key and the documentation come from there.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/config/units.h"
#include "common/endpoint.h"
#include "common/secret.h"

namespace weir::config {

// How an option is called and explained.
struct Declared {
  // "rtmp-listen": the flag --rtmp-listen, WEIR_RTMP_LISTEN, the file's key rtmp.listen.
  std::string name;
  std::string help;
  // For a default that is found at run time: "host name".
  std::string shown_default = {};
  // The file's key where the rule above would collide with another option's.
  std::string key = {};
};

template <class T>
struct Bounds {
  T min;
  T max;
};

template <class Enum>
struct Choice {
  std::string_view text;
  Enum value;
};

enum class Origin { kDefault, kFile, kEnvironment, kFlag };

// One option with its type erased: what the loader and the documentation work on.
struct Option {
  // Fills the member; returns what is wrong with the text, if anything.
  using Set = std::function<std::optional<std::string>(std::string_view)>;
  using Show = std::function<std::string()>;

  std::string name;
  std::string key;
  std::string help;
  // "duration", "host:port", "memory | embedded".
  std::string type;
  std::string bounds;
  std::string shown_default;
  bool is_flag = false;
  Set set;
  Show show;
  Origin origin = Origin::kDefault;

  std::string environment() const;
};

// The table. Filled once at the start of a program, before any thread; the members it refers to
// must outlive it. A member's value when it is declared is the default.
class Options {
 public:
  void add(const Declared& declared, bool& value);
  void add(const Declared& declared, std::string& value);
  void add(const Declared& declared, Endpoint& value);
  // "off" stands for none.
  void add(const Declared& declared, std::optional<Endpoint>& value);
  void add(const Declared& declared, Duration& value, Bounds<Duration> bounds);
  void add(const Declared& declared, ByteSize& value, Bounds<ByteSize> bounds);
  void add(const Declared& declared, std::int64_t& value, Bounds<std::int64_t> bounds);
  void add(const Declared& declared, double& value, Bounds<double> bounds);
  // Also declares "<name>-file", which names a file that holds the secret.
  void add(const Declared& declared, Secret& value);
  template <class Enum>
    requires std::is_enum_v<Enum>
  void add(const Declared& declared, Enum& value, std::initializer_list<Choice<Enum>> choices);

  // A flag that asks for something else than running; it exists on the command line only.
  void add_command(const Declared& declared, bool& asked);

  // A rule between options, asked once each of them is right by itself; returns the mistake.
  void require(std::function<std::optional<std::string>()> rule);

  std::vector<Option>& all() { return options_; }
  const std::vector<Option>& all() const { return options_; }
  std::vector<Option>& commands() { return commands_; }
  const std::vector<Option>& commands() const { return commands_; }
  const std::vector<std::function<std::optional<std::string>()>>& rules() const { return rules_; }

 private:
  Option& append(const Declared& declared, std::string type, Option::Set set, Option::Show show);

  std::vector<Option> options_;
  std::vector<Option> commands_;
  std::vector<std::function<std::optional<std::string>()>> rules_;
};

template <class Enum>
  requires std::is_enum_v<Enum>
void Options::add(const Declared& declared, Enum& value,
                  std::initializer_list<Choice<Enum>> choices) {
  const std::vector<Choice<Enum>> known(choices);
  std::string type;
  for (const Choice<Enum>& choice : known) {
    if (!type.empty()) type += " | ";
    type += choice.text;
  }
  const auto set = [&value, known, type](std::string_view text) -> std::optional<std::string> {
    for (const Choice<Enum>& choice : known) {
      if (choice.text != text) continue;
      value = choice.value;
      return std::nullopt;
    }
    return "must be " + type;
  };
  const auto show = [&value, known]() -> std::string {
    for (const Choice<Enum>& choice : known) {
      if (choice.value == value) return std::string(choice.text);
    }
    return {};
  };
  append(declared, type, set, show);
}

}  // namespace weir::config
