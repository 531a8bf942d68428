#include "common/config/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "common/config/loader.h"
#include "common/version.h"

namespace weir::config {
namespace {

constexpr int kExitMistakes = 2;

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

void print_usage(std::string_view name, std::string_view purpose, const Options& options) {
  fmt::print("{}: {}\n\nUsage: {} [--config FILE] [--option value]...\n\n", name, purpose, name);
  fmt::print("Each option is also a variable (WEIR_...) and a key of the file.\n\n");
  for (const Option& option : options.all()) {
    fmt::print("  --{} {}\n      {}", option.name, option.type, option.help);
    if (!option.bounds.empty()) fmt::print(" From {}.", option.bounds);
    if (!option.shown_default.empty()) fmt::print(" [{}]", option.shown_default);
    fmt::print("\n");
  }
  fmt::print("\nInstead of running:\n");
  for (const Option& command : options.commands()) {
    fmt::print("  --{}\n      {}\n", command.name, command.help);
  }
}

}  // namespace

std::optional<int> begin_program(std::string_view name, std::string_view purpose, Options& options,
                                 int argc, const char* const* argv) {
  bool help = false;
  bool version = false;
  bool check = false;
  bool print = false;
  bool reference = false;
  options.add_command({"help", "Explains all options."}, help);
  options.add_command({"version", "Prints the version."}, version);
  options.add_command({"check-config", "Checks the configuration."}, check);
  options.add_command({"print-config", "Prints what is in force, and from where."}, print);
  options.add_command({"print-reference", "Prints the table of options in Markdown."}, reference);

  const Sources sources{.arguments = {argv + 1, argv + argc}, .environment = environment_variable};
  const std::vector<std::string> mistakes = load(options, sources);
  for (const std::string& mistake : mistakes) {
    fmt::print(stderr, "{}: {}\n", name, mistake);
  }
  if (!mistakes.empty()) return kExitMistakes;

  if (help) print_usage(name, purpose, options);
  if (version) fmt::print("{} {}\n", name, kVersion);
  if (print) fmt::print("{}", print_in_force(options));
  if (reference) fmt::print("{}", print_reference(options));
  if (help || version || check || print || reference) return EXIT_SUCCESS;
  return std::nullopt;
}

}  // namespace weir::config
