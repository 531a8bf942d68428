// The start of a program: its options, and the questions that it answers instead of running.
#pragma once

#include <optional>
#include <string_view>

#include "common/config/options.h"

namespace weir::config {

// Fills `options` and handles --help, --version, --check-config, --print-config and
// --print-reference. Returns the exit code if the program should end now: 0 after an answer on
// stdout, 2 after a list of all mistakes on stderr. Called once, first thing in main().
std::optional<int> begin_program(std::string_view name, std::string_view purpose, Options& options,
                                 int argc, const char* const* argv);

}  // namespace weir::config
