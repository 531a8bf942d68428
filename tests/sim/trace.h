// What happened lately, kept so that a failure can tell its own story.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "common/clock.h"

namespace weir::sim {

class Trace {
 public:
  // `about` names the user, session, stream and instance that the line concerns.
  void note(SteadyTime now, std::vector<std::string> about, std::string line);
  // The lines that concern any of `subjects`, oldest first.
  std::vector<std::string> about(const std::vector<std::string>& subjects) const;

 private:
  static constexpr std::size_t kKept = 200'000;
  struct Line {
    SteadyTime time;
    std::vector<std::string> about;
    std::string text;
  };
  std::deque<Line> lines_;
};

}  // namespace weir::sim
