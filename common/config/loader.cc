#include "common/config/loader.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <sstream>

#include "common/file.h"

namespace weir::config {
namespace {

using Mistakes = std::vector<std::string>;

constexpr std::string_view kConfigFlag = "config";
constexpr const char* kConfigVariable = "WEIR_CONFIG";

// A value as it was found, with the words that name its place.
struct Found {
  std::string text;
  Origin origin;
  std::string place;
};
// By option name. Sources are read from the strongest to the weakest, so the first entry stays.
using Values = std::map<std::string, Found>;

// Reads the command line. Unknown flags and stray words are mistakes; the rest is still read.
Values read_flags(const Options& options, std::vector<std::string> arguments, Mistakes& mistakes) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, CLI::Option*> flags;
  const auto declare = [&](const std::string& name, bool is_flag) {
    flags[name] = is_flag ? app.add_flag("--" + name) : app.add_option("--" + name);
    if (!is_flag) flags[name]->expected(0, 1);
    flags[name]->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  declare(std::string(kConfigFlag), false);
  for (const Option& option : options.all()) declare(option.name, option.is_flag);
  for (const Option& command : options.commands()) declare(command.name, true);

  std::ranges::reverse(arguments);  // The order that CLI11 wants.
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    mistakes.emplace_back(error.what());
  }
  bool after_unknown_flag = false;
  for (const std::string& rest : app.remaining()) {
    const bool is_flag = rest.starts_with('-');
    if (is_flag)
      mistakes.push_back(fmt::format("{}: unknown flag", rest.substr(0, rest.find('='))));
    if (!is_flag && !after_unknown_flag) mistakes.push_back(rest + ": unexpected argument");
    after_unknown_flag = is_flag;
  }

  Values values;
  for (const auto& [name, flag] : flags) {
    if (flag->count() == 0) continue;
    const std::string place = "--" + name;
    if (flag->results().empty() || flag->results().back().empty()) {
      mistakes.push_back(place + ": needs a value");
      continue;
    }
    values[name] = {flag->results().back(), Origin::kFlag, place};
  }
  return values;
}

void read_environment(const Options& options, const Sources& sources, Values& values) {
  for (const Option& option : options.all()) {
    const std::string variable = option.environment();
    if (auto text = sources.environment(variable)) {
      values.try_emplace(option.name, Found{std::move(*text), Origin::kEnvironment, variable});
    }
  }
}

// What a TOML value reads like as a flag; nothing for arrays, dates and other tables.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return std::nullopt;
}

struct FileReader {
  const std::string& path;
  const std::map<std::string, const Option*>& by_key;
  Values& values;
  Mistakes& mistakes;

  // Tables nest; their keys are joined by dots.
  void read(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const auto* inner = node.as_table()) {
        read(*inner, key + ".");
        continue;
      }
      const std::string place = fmt::format("{}:{}: {}", path, node.source().begin.line, key);
      const auto option = by_key.find(key);
      if (option == by_key.end()) {
        mistakes.push_back(place + ": unknown key");
        continue;
      }
      const std::optional<std::string> text = text_of(node);
      if (!text) {
        mistakes.push_back(place + ": must be one value");
        continue;
      }
      values.try_emplace(option->second->name, Found{*text, Origin::kFile, place});
    }
  }
};

void read_toml(const Options& options, const std::string& path, Values& values,
               Mistakes& mistakes) {
  const std::optional<std::string> content = read_file(path);
  if (!content) {
    mistakes.push_back(path + ": cannot be read");
    return;
  }
  std::map<std::string, const Option*> by_key;
  for (const Option& option : options.all()) by_key[option.key] = &option;
  try {
    const toml::table table = toml::parse(*content, path);
    FileReader{path, by_key, values, mistakes}.read(table, "");
  } catch (const toml::parse_error& error) {
    mistakes.push_back(
        fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

void apply(Option& option, const Values& values, Mistakes& mistakes) {
  const auto found = values.find(option.name);
  if (found == values.end()) return;
  option.origin = found->second.origin;
  if (const auto wrong = option.set(found->second.text)) {
    mistakes.push_back(fmt::format("{}: {}", found->second.place, *wrong));
  }
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::kDefault:
      return "default";
    case Origin::kFile:
      return "file";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kFlag:
      return "flag";
  }
  return "";
}

}  // namespace

std::vector<std::string> load(Options& options, const Sources& sources) {
  Mistakes mistakes;
  Values values = read_flags(options, sources.arguments, mistakes);
  read_environment(options, sources, values);

  const auto config_flag = values.find(std::string(kConfigFlag));
  const std::optional<std::string> path =
      config_flag != values.end() ? config_flag->second.text : sources.environment(kConfigVariable);
  if (path) read_toml(options, *path, values, mistakes);

  for (Option& option : options.all()) apply(option, values, mistakes);
  for (Option& command : options.commands()) apply(command, values, mistakes);
  for (const auto& rule : options.rules()) {
    if (auto wrong = rule()) mistakes.push_back(std::move(*wrong));
  }
  return mistakes;
}

std::string print_in_force(const Options& options) {
  std::string text;
  for (const Option& option : options.all()) {
    std::stringstream quoted;
    quoted << toml::value<std::string>(option.show());
    text += fmt::format("{} = {}  # {}\n", option.key, quoted.str(), to_string(option.origin));
  }
  return text;
}

std::string print_reference(const Options& options) {
  std::string text =
      "| flag | environment | key in the file | type | default | bounds | what it does |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const Option& option : options.all()) {
    std::string type = option.type;
    for (std::size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2) {
      type.insert(at, "\\");
    }
    text += fmt::format("| `--{}` | `{}` | `{}` | {} | {} | {} | {} |\n", option.name,
                        option.environment(), option.key, type, option.shown_default, option.bounds,
                        option.help);
  }
  return text;
}

}  // namespace weir::config
