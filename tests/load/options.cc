#include "tests/load/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>

#include "common/config/units.h"
#include "common/version.h"

namespace weir::load {
namespace {

constexpr const char* kPurpose =
    "Publishes and plays RTMP streams against any server, and measures what it costs and how long "
    "it takes.";

constexpr const char* kTargetHelp =
    "rtmp://host[:port]/app/name[?query]; {stream} becomes the stream's number, {client} a number "
    "that no other connection has";

void add_duration(CLI::App& app, const char* name, Duration& value, const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&value, name](const std::string& text) {
           const auto parsed = config::parse_duration(text);
           if (!parsed) throw CLI::ValidationError(name, text + " is not a duration like 10s");
           value = *parsed;
         },
         help)
      ->type_name("DURATION")
      ->default_str(config::to_text(value));
}

// "10:5s,1000:10s"
std::vector<Step> parse_steps(const std::string& text) {
  std::vector<Step> steps;
  for (const std::string& part : CLI::detail::split(text, ',')) {
    const auto colon = part.find(':');
    const auto players = config::parse_integer(part.substr(0, colon));
    const auto duration =
        colon == std::string::npos ? std::nullopt : config::parse_duration(part.substr(colon + 1));
    if (!players || *players < 0 || !duration) {
      throw CLI::ValidationError("--steps", part + " is not players:duration like 100:10s");
    }
    steps.push_back({static_cast<std::uint64_t>(*players), *duration});
  }
  return steps;
}

// What the command line says in other terms than Options.
struct Spoken {
  std::uint64_t players = 0;
  Duration duration{10'000};
  std::uint64_t kilobits = 2650;
  std::uint64_t audio_kilobits = 128;
};

void add_crowd(CLI::App& app, Options& options, Spoken& spoken) {
  const auto count = CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000});
  app.add_option("--publishers", options.publishers, "Streams that are published")
      ->capture_default_str()
      ->check(count);
  app.add_option("--streams", options.streams, "Streams that others publish, with --publishers 0")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  app.add_option("--players", spoken.players, "Players of each stream")
      ->capture_default_str()
      ->check(count);
  add_duration(app, "--duration", spoken.duration, "How long to measure");
  app.add_option_function<std::string>(
         "--steps", [&options](const std::string& text) { options.steps = parse_steps(text); },
         "Several measurements, one after the other: players:duration,…")
      ->excludes("--players")
      ->excludes("--duration");
  app.add_option("--idle", options.idle, "Connections that connect and then say nothing")
      ->capture_default_str()
      ->check(count);
  app.add_option("--churn", options.churn.a_second,
                 "Connections a second that publish or play and leave")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 100'000.0));
  const std::map<std::string, Churn::Role> roles{{"publish", Churn::Role::kPublish},
                                                 {"play", Churn::Role::kPlay}};
  app.add_option("--churn-role", options.churn.role,
                 "publish (each a stream of its own) or play (stream 0)")
      ->transform(CLI::CheckedTransformer(roles).description(""))
      ->type_name("publish|play")
      ->default_str("publish");
  add_duration(app, "--churn-stay", options.churn.stay, "How long each of them stays");
}

void add_media(CLI::App& app, Options& options, Spoken& spoken) {
  app.add_option("--file", options.file, "FLV file to publish in a loop, instead of made frames")
      ->check(CLI::ExistingFile);
  app.add_option("--bitrate", spoken.kilobits, "kbit/s of made frames, audio and video")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  app.add_option("--audio-bitrate", spoken.audio_kilobits, "kbit/s of it that are audio; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{10'000}));
  app.add_option("--fps", options.synthetic.frames_per_second, "Video frames a second")
      ->capture_default_str()
      ->check(CLI::Range(1u, 1000u));
  add_duration(app, "--keyframe-interval", options.synthetic.keyframe_interval,
               "From one keyframe to the next");
  app.add_option("--chunk-size", options.chunk_size, "Of what is sent")
      ->capture_default_str()
      ->check(CLI::Range(128u, 0xFFFFFFu));
  app.add_flag("--digest", options.digest, "Handshake with digests");
  app.add_flag("--raw", options.raw, "No RTMP at all: the peer is tests/bench's bare program");
}

void add_measurement(CLI::App& app, Options& options) {
  app.add_option("--measure", options.measure,
                 "Players of each step that read everything and measure delays; the others only "
                 "count bytes")
      ->capture_default_str();
  app.add_option("--connect-rate", options.connect_rate, "New connections a second")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000}));
  add_duration(app, "--warm-up", options.warm_up, "Between the last connection and measuring");
  add_duration(app, "--timeout", options.timeout, "How long to wait for streams to start");
  app.add_option("--watch", options.watched,
                 "Process of this machine whose CPU time and memory to report beside")
      ->type_name("PID");
  app.add_option("--json", options.json, "Where to write the summary as JSON; - for stdout");
  app.add_flag("--progress", options.progress, "A line a second even if stderr is no terminal");
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
  CLI::App app(kPurpose, "weir-load");
  app.set_version_flag("--version", kVersion);
  app.add_option_function<std::string>(
         "target",
         [&options](const std::string& text) {
           const auto target = parse_target(text);
           if (!target) throw CLI::ValidationError("target", text + " is not " + kTargetHelp);
           options.target = *target;
         },
         kTargetHelp)
      ->required();
  add_crowd(app, options, spoken);
  add_media(app, options, spoken);
  add_measurement(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
  }
  settle(options, spoken);
  return options;
}

}  // namespace weir::load
