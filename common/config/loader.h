// Fills the declared options from the command line, the environment and a file, and reports every
// mistake at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/config/options.h"

namespace weir::config {

// Where values come from; the parts of the process that a test replaces.
struct Sources {
  // Without the program's own name.
  std::vector<std::string> arguments;
  std::function<std::optional<std::string>(const std::string& variable)> environment;
};

// Flags win over the environment, that over the file named by --config or WEIR_CONFIG, that over
// the default. Returns all mistakes, each one line that names its place; none means that every
// member is set. Variables of the environment that no option declares are left alone, because
// Kubernetes adds some of its own for a service called weir.
std::vector<std::string> load(Options& options, const Sources& sources);

// "rtmp.listen = '127.0.0.1:1935'  # default", a line an option, in the file's own syntax; secrets
// are masked.
std::string print_in_force(const Options& options);

// The table of all options for the documentation, in Markdown.
std::string print_reference(const Options& options);

}  // namespace weir::config
