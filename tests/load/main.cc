// weir-load: publishers and players for any RTMP server, and what they measured.
#include <fmt/core.h>
#include <sys/resource.h>

#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <variant>

#include "tests/load/flv_script.h"
#include "tests/load/load_run.h"
#include "tests/load/options.h"
#include "tests/load/report.h"
#include "tests/load/synthetic_media.h"

namespace weir::load {
namespace {

constexpr int kExitUnclean = 1;
constexpr int kExitUsage = 2;

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int) { interrupted = 1; }

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<MediaScript> script_of(const Options& options) {
  if (!options.file) return make_script(options.synthetic);
  auto script = read_flv(*options.file);
  if (script) return std::move(*script);
  fmt::print(stderr, "weir-load: {} {}\n", options.file->string(), text(script.error()));
  return std::nullopt;
}

bool write_json(const Options& options, const Report& report) {
  if (!options.json) return true;
  if (*options.json == "-") {
    std::cout << to_json(report);
    return true;
  }
  std::ofstream file(*options.json);
  file << to_json(report) << std::flush;
  if (!file) fmt::print(stderr, "weir-load: {} cannot be written\n", options.json->string());
  return static_cast<bool>(file);
}

int run(const Options& options) {
  const auto script = script_of(options);
  if (!script) return kExitUsage;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  raise_descriptor_limit();
  const Report report = LoadRun(options, *script).run([] { return interrupted != 0; });
  if (options.json != "-") std::cout << to_text(report);
  if (!write_json(options, report)) return kExitUnclean;
  return report.is_clean() ? 0 : kExitUnclean;
}

int main_with(int argc, const char* const* argv) {
  const auto parsed = parse_options(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  try {
    return run(std::get<Options>(parsed));
  } catch (const std::exception& error) {
    fmt::print(stderr, "weir-load: {}\n", error.what());
    return kExitUnclean;
  }
}

}  // namespace
}  // namespace weir::load

int main(int argc, char** argv) { return weir::load::main_with(argc, argv); }
