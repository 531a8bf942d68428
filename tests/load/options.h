// What one run of the load program is asked to do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "tests/load/synthetic_media.h"
#include "tests/load/target.h"

namespace weir::load {

// A number of players for each stream, and how long to measure with them.
struct Step {
  std::uint64_t players = 0;
  Duration duration{};
};

// Connections that come, publish or play, and go.
struct Churn {
  enum class Role : std::uint8_t { kPublish, kPlay };
  double a_second = 0;
  Role role = Role::kPublish;
  // From Publish.Start, or the first frame, to the end.
  Duration stay{};
};

// A plain value with the defaults of the program.
struct Options {
  Target target;
  std::uint64_t publishers = 1;
  // Streams that others publish, when there are no publishers.
  std::uint64_t streams = 1;
  std::vector<Step> steps;
  std::uint64_t idle = 0;
  Churn churn;

  std::optional<std::filesystem::path> file;
  SyntheticMedia synthetic;
  std::uint32_t chunk_size = 60'000;
  bool digest = false;
  bool raw = false;

  std::uint64_t connect_rate = 500;
  // Of each step's new players, how many read everything and measure delays.
  std::uint64_t measure = 10;
  Duration warm_up{2000};
  Duration timeout{10'000};

  std::vector<pid_t> watched;
  std::optional<std::filesystem::path> json;
  bool progress = false;

  std::uint64_t stream_count() const { return publishers > 0 ? publishers : streams; }
};

// Either the options or the exit code with which the program ends: 0 after --help or --version, 2
// after mistakes, which are told on stderr.
std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace weir::load
