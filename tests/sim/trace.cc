#include "tests/sim/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::sim {

void Trace::note(SteadyTime now, std::vector<std::string> about, std::string line) {
  if (lines_.size() == kKept) lines_.pop_front();
  lines_.push_back({now, std::move(about), std::move(line)});
}

std::vector<std::string> Trace::about(const std::vector<std::string>& subjects) const {
  std::vector<std::string> found;
  for (const Line& line : lines_) {
    const bool concerned = std::ranges::any_of(line.about, [&](const std::string& name) {
      return name == "*" || std::ranges::find(subjects, name) != subjects.end();
    });
    if (!concerned) continue;
    const double seconds = std::chrono::duration<double>(line.time.time_since_epoch()).count();
    found.push_back(fmt::format("{:10.3f} {}", seconds, line.text));
  }
  return found;
}

}  // namespace weir::sim
