// The rule of who may include whom, as a table and a search. Reads sources, compiles nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weir::layering {

// One include that its folder's rule forbids.
struct Violation {
  std::string file;  // relative to the root
  std::size_t line = 0;
  std::string include;

  friend bool operator==(const Violation&, const Violation&) = default;
};

// Every forbidden include below `root`, in the order of the file names.
std::vector<Violation> find_violations(const std::filesystem::path& root);

}  // namespace weir::layering
