// What the code under test writes to the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/log/log.h"

namespace weir::control {

// A base of a test, named before those that start threads, so that it is there before them and
// after them.
class LogLines {
 protected:
  // What has been logged by now, each line as JSON; nothing is kept from then on.
  const std::vector<std::string>& finish() {
    output_.reset();
    return lines_;
  }

 private:
  std::vector<std::string> lines_;
  std::optional<log::Output> output_{
      std::in_place, log::Settings{.format = log::FormatChoice::kJson}, log::Identity{},
      [this](std::string_view line) { lines_.emplace_back(line); }};
};

}  // namespace weir::control
