#include "tests/bench/control/load_program.h"

#include <exception>
#include <iostream>
#include <utility>

namespace weir::bench {

LoadProgram::LoadProgram(std::string name, const std::string& description, std::string& server,
                         std::chrono::duration<double>& duration)
    : name_(std::move(name)), options_(description) {
  options_.add_option("server", server, "host:port")->required();
  options_
      .add_option_function<double>(
          "--seconds",
          [&duration](double seconds) { duration = std::chrono::duration<double>(seconds); })
      ->check(CLI::Range(0.1, 3600.0));
}

int LoadProgram::run(int argc, char** argv, const std::function<nlohmann::json()>& load) {
  CLI11_PARSE(options_, argc, argv);
  try {
    std::cout << load().dump() << '\n';
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << name_ << ": " << failure.what() << '\n';
    return 1;
  }
}

}  // namespace weir::bench
