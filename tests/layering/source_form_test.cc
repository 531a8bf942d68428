// What the style guide asks of every source file and can be counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace weir::layering {
namespace {

namespace fs = std::filesystem;

constexpr std::ptrdiff_t kMaxLines = 700;
constexpr std::ptrdiff_t kMaxTestLines = 1000;
constexpr std::string_view kTopFolders[] = {"common", "control_svc", "media_svc", "tests"};
// Words that say nothing about what a file is for.
constexpr std::string_view kEmptyWords[] = {"util", "utils", "helper", "helpers", "manager",
                                            "base", "impl",  "data",   "info",    "misc"};
// Names that a specification gave.
constexpr std::string_view kTermsOfProtocols[] = {"data_message"};

struct Source {
  std::string path;
  std::string text;
  bool is_test = false;
};

std::vector<Source> sources() {
  std::vector<Source> found;
  const fs::path root = WEIR_SOURCE_DIR;
  for (const std::string_view top : kTopFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cc") continue;
      std::ifstream file(path);
      found.push_back({path.lexically_relative(root).generic_string(),
                       {std::istreambuf_iterator<char>(file), {}},
                       top == "tests"});
    }
  }
  return found;
}

TEST(SourceForm, FilesAreShort) {
  for (const Source& source : sources()) {
    EXPECT_LE(std::ranges::count(source.text, '\n'), source.is_test ? kMaxTestLines : kMaxLines)
        << source.path;
  }
}

TEST(SourceForm, HeadersAreIncludedOnce) {
  for (const Source& source : sources()) {
    if (source.path.ends_with(".h")) {
      EXPECT_NE(source.text.find("#pragma once\n"), std::string::npos) << source.path;
    }
  }
}

TEST(SourceForm, FileNamesSayWhatTheyHold) {
  for (const Source& source : sources()) {
    const std::string stem = fs::path(source.path).stem().string();
    if (std::ranges::any_of(kTermsOfProtocols, [&](auto term) { return stem.starts_with(term); })) {
      continue;
    }
    std::istringstream words(stem);
    for (std::string word; std::getline(words, word, '_');) {
      EXPECT_EQ(std::ranges::find(kEmptyWords, word), std::end(kEmptyWords)) << source.path;
    }
  }
}

}  // namespace
}  // namespace weir::layering
