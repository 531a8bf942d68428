#include "tests/load/options.h"

#include <fmt/core.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/load/command_line.h"

namespace weir::load {
namespace {

constexpr int kExitUsage = 2;

constexpr const char* kPurpose =
    "Publishes and plays RTMP streams against any server, and measures what it costs and how long "
    "it takes.";

constexpr const char* kTargetForm =
    "rtmp://host[:port]/app/name[?query]; {stream} becomes the stream's number, {client} a number "
    "that no other connection has";

constexpr std::uint64_t kStreamsMax = 1'000'000;
constexpr std::uint64_t kPlayersMax = 1'000'000;

// "10:5s,1000:10s"
std::optional<std::vector<Step>> parse_steps(const std::string& text) {
  std::vector<Step> steps;
  for (const std::string& part : CLI::detail::split(text, ',')) {
    const auto colon = part.find(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto players = config::parse_integer(part.substr(0, colon));
    const auto duration = config::parse_duration(part.substr(colon + 1));
    if (!players || *players < 0 || !duration) return std::nullopt;
    steps.push_back({static_cast<std::uint64_t>(*players), *duration});
  }
  return steps;
}

std::optional<Churn::Role> parse_role(const std::string& text) {
  if (text == "publish") return Churn::Role::kPublish;
  if (text == "play") return Churn::Role::kPlay;
  return std::nullopt;
}

std::optional<std::filesystem::path> parse_path(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::filesystem::path>(text);
}

std::optional<std::filesystem::path> parse_file(const std::string& text) {
  return std::filesystem::is_regular_file(text) ? parse_path(text) : std::nullopt;
}

// What the command line says in other terms than Options.
struct Spoken {
  std::uint64_t players = 0;
  Duration duration{10'000};
  std::uint64_t kilobits = 2650;
  std::uint64_t audio_kilobits = 128;
};

void add_target(CommandLine& line, Options& options) {
  line.add("target", kTargetForm, kTargetForm, parse_target,
           [&options](Target target) { options.target = std::move(target); })
      ->expected(1);
}

void add_crowd(CommandLine& line, Options& options, Spoken& spoken) {
  line.add_number("--publishers", options.publishers, std::uint64_t{0}, kStreamsMax,
                  "Streams that are published");
  line.add_number("--streams", options.streams, std::uint64_t{1}, kStreamsMax,
                  "Streams that others publish, with --publishers 0");
  line.add_number("--players", spoken.players, std::uint64_t{0}, kPlayersMax,
                  "Players of each stream");
  line.add_duration("--duration", spoken.duration, Duration{0}, "How long to measure");
  line.add("--steps", "players:duration,… like 100:10s,200:5s",
           "Several measurements, one after the other, instead", parse_steps,
           [&options](std::vector<Step> steps) { options.steps = std::move(steps); })
      ->type_name("PLAYERS:DURATION,…");
  line.add_number("--idle", options.idle, std::uint64_t{0}, kPlayersMax,
                  "Connections that connect and then say nothing");
  line.add_number("--churn", options.churn.a_second, 0.0, 100'000.0,
                  "Connections a second that publish or play and leave");
  line.add("--churn-role", "publish or play",
           "publish (each a stream of its own) or play (stream 0)", parse_role,
           [&options](Churn::Role role) { options.churn.role = role; })
      ->type_name("publish|play [publish]");
  line.add_duration("--churn-stay", options.churn.stay, Duration{0}, "How long each of them stays");
}

void add_media(CommandLine& line, Options& options, Spoken& spoken) {
  SyntheticMedia& made = options.synthetic;
  line.add("--file", "a file", "FLV file to publish in a loop, instead of made frames", parse_file,
           [&options](std::filesystem::path path) { options.file = std::move(path); })
      ->type_name("FILE");
  line.add_number("--bitrate", spoken.kilobits, std::uint64_t{1}, std::uint64_t{1'000'000},
                  "kbit/s of made frames, audio and video");
  line.add_number("--audio-bitrate", spoken.audio_kilobits, std::uint64_t{0}, std::uint64_t{10'000},
                  "kbit/s of it that are audio; 0: none");
  line.add_number("--fps", made.frames_per_second, 1u, 1000u, "Video frames a second");
  line.add_duration("--keyframe-interval", made.keyframe_interval, Duration{10},
                    "From one keyframe to the next");
  line.add_number("--chunk-size", options.chunk_size, 128u, 0xFFFFFFu, "Of what is sent");
  line.add_flag("--digest", options.digest, "Handshake with digests");
  line.add_flag("--raw", options.raw, "No RTMP at all: the peer is tests/bench's bare program");
}

void add_measurement(CommandLine& line, Options& options) {
  line.add_number("--measure", options.measure, std::uint64_t{0}, kPlayersMax,
                  "Players of each step that read everything and measure delays; the others only "
                  "count bytes");
  line.add_number("--connect-rate", options.connect_rate, std::uint64_t{1}, std::uint64_t{100'000},
                  "New connections a second");
  line.add_duration("--warm-up", options.warm_up, Duration{0},
                    "Between the last connection and measuring");
  line.add_duration("--timeout", options.timeout, Duration{0},
                    "How long to wait for streams to start");
  line.add("--watch", "a process's number",
           "Process of this machine whose CPU time and memory to report beside; may be given again",
           config::parse_integer,
           [&options](std::int64_t process) {
             options.watched.push_back(static_cast<pid_t>(process));
           })
      ->type_name("PID")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  line.add("--json", "a file's name", "Where to write the summary as JSON; - for stdout",
           parse_path, [&options](std::filesystem::path path) { options.json = std::move(path); })
      ->type_name("FILE");
  line.add_flag("--progress", options.progress, "A line a second even if stderr is no terminal");
}

// What no option says by itself.
void check(CommandLine& line, const Spoken& spoken) {
  if (!line.has("target")) line.add_mistake(fmt::format("target: needed, {}", kTargetForm));
  if (line.has("--steps") && (line.has("--players") || line.has("--duration"))) {
    line.add_mistake("--steps: says what --players and --duration say; give either");
  }
  if (spoken.audio_kilobits > spoken.kilobits) {
    line.add_mistake("--audio-bitrate: is part of --bitrate, and cannot be above it");
  }
}

void settle(Options& options, const Spoken& spoken) {
  if (options.steps.empty()) options.steps.push_back({spoken.players, spoken.duration});
  options.synthetic.bit_rate = spoken.kilobits * 1000;
  options.synthetic.audio_bit_rate = spoken.audio_kilobits * 1000;
  options.progress |= isatty(STDERR_FILENO) == 1;
}

}  // namespace

std::variant<Options, int> parse_options(int argc, const char* const* argv) {
  Options options;
  Spoken spoken;
  CommandLine line("weir-load", kPurpose);
  add_target(line, options);
  add_crowd(line, options, spoken);
  add_media(line, options, spoken);
  add_measurement(line, options);
  if (const auto code = line.read(argc, argv)) return *code;
  check(line, spoken);
  for (const std::string& mistake : line.mistakes()) {
    fmt::print(stderr, "weir-load: {}\n", mistake);
  }
  if (!line.mistakes().empty()) return kExitUsage;
  settle(options, spoken);
  return options;
}

}  // namespace weir::load
