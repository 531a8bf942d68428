// What the load programs have in common: a server, a time, and one line of JSON.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace weir::bench {

// The command line of one of them and what becomes of it. Used by main alone.
class LoadProgram {
 public:
  // `server` and `duration` are its plan's, as is all that further options fill.
  LoadProgram(std::string name, const std::string& description, std::string& server,
              std::chrono::duration<double>& duration);

  CLI::App& options() { return options_; }

  // Prints what `load` found, once the command line is read; where that throws, why. Returns the
  // exit status.
  int run(int argc, char** argv, const std::function<nlohmann::json()>& load);

 private:
  const std::string name_;
  CLI::App options_;
};

}  // namespace weir::bench
