#include "control_svc/control_config.h"

#include <optional>

namespace weir::control {
namespace {

using namespace std::chrono_literals;
using config::Bounds;

constexpr Bounds<Duration> kPhaseBounds{.min = 100ms, .max = 1h};
constexpr Bounds<Duration> kTimeoutBounds{.min = 100ms, .max = 24h};
// Zero switches the rule off.
constexpr Bounds<Duration> kOptionalBounds{.min = 0ms, .max = 24h * 365};
constexpr Bounds<std::int64_t> kLimitBounds{.min = 0, .max = 10'000};
constexpr Bounds<std::int64_t> kCountBounds{.min = 0, .max = 1'000'000};

void declare_listeners(config::Options& options, ControlConfig& config) {
  options.add({"grpc-listen", "Where the gRPC API is served."}, config.grpc_listen);
  options.add({"grpc-reflection", "Whether callers can ask the server for its API."},
              config.grpc_reflection);
  options.add({"metrics-listen", "Where /metrics, /livez and /readyz are served."},
              config.metrics_listen);
  options.add_command({"healthcheck", "Asks the running process; exits 0 if it is alive."},
                      config.healthcheck);
  options.add({"auth-mode", "Who may call."}, config.auth_mode, {{"open", AuthMode::kOpen}});
  options.add({"insecure", "Allows a listener beyond loopback without TLS or authentication."},
              config.insecure);
  options.require([&config]() -> std::optional<std::string> {
    if (is_loopback(config.grpc_listen) || config.insecure) return std::nullopt;
    return "grpc-listen: " + to_string(config.grpc_listen) +
           " is reachable from other machines and has neither TLS nor authentication; "
           "--insecure allows that";
  });
}

void declare_sessions(config::Options& options, ControlConfig& config) {
  domain::Settings& sessions = config.sessions;
  options.add({"session-phase", "How often a client fetches a phase of its stream (X)."},
              sessions.phase, kPhaseBounds);
  options.add({"session-idle-phases", "Phases of idleness after which a session ends (n)."},
              config.session_idle_phases, {.min = 1, .max = 1000});
  options.add({"session-max-play", "Play sessions that a user may hold."}, config.session_max_play,
              kLimitBounds);
  options.add({"session-max-publish", "Publish sessions that a user may hold."},
              config.session_max_publish, kLimitBounds);
  options.add({"session-start-timeout", "How long an admitted session may wait for its media."},
              sessions.start_timeout, kTimeoutBounds);
  options.add({"session-pause-limit", "How long a paused session keeps its slot."},
              sessions.pause_limit, kTimeoutBounds);
  options.add({"session-publish-reconnect-grace",
               "How long an interrupted publisher keeps its slot and stream."},
              sessions.publish_reconnect_grace, kTimeoutBounds);
  options.add({"session-max-publish-duration", "Ends a publish session after so long; 0: never."},
              sessions.max_publish_duration, kOptionalBounds);
  options.add({"session-max-play-duration", "Ends a play session after so long; 0: never."},
              sessions.max_play_duration, kOptionalBounds);
  options.add({"session-tombstone", "How long an ended session can still be read."},
              sessions.tombstone, kTimeoutBounds);
  options.add({"session-recovery-hold", "After a restart nothing expires for so long."},
              sessions.recovery_hold, kOptionalBounds);
  options.add({"session-kick-block", "How long a kicked user is kept out, unless the kick says."},
              sessions.kick_block, kOptionalBounds);
  options.add({"publish-takeover", "When a publisher may take a stream that is live."},
              sessions.publish_takeover,
              {{"never", domain::PublishTakeover::kNever},
               {"stale", domain::PublishTakeover::kStale},
               {"same_user", domain::PublishTakeover::kSameUser}});
}

void declare_instances(config::Options& options, ControlConfig& config) {
  domain::FleetSettings& instances = config.instances;
  options.add({"instance-report-interval", "How often an attached media instance reports."},
              instances.report_interval, {.min = 100ms, .max = 1min});
  options.add({"instance-lease", "Silence after which a media instance is given up."},
              instances.lease, {.min = 700ms, .max = 1h});
  options.require([&instances]() -> std::optional<std::string> {
    if (instances.lease >=
        instances.report_interval * domain::FleetSettings::kLeastLeaseIntervals) {
      return std::nullopt;
    }
    return "instance-lease: must be at least 7 times instance-report-interval";
  });
  // Else an instance that is only unreachable would lose its sessions.
  options.require([&config]() -> std::optional<std::string> {
    if (config.instances.lease <= config.session_settings().outlived_silence()) {
      return std::nullopt;
    }
    return "instance-lease: must be at most session-start-timeout, and at most session-phase times "
           "session-idle-phases plus one half: sessions outlive the silence of their instance";
  });
}

void declare_shutdowns(config::Options& options, ControlConfig& config) {
  domain::ShutdownSettings& shutdown = config.instances.shutdown;
  options.add({"shutdown-grace",
               "How long a media instance that may shut down still takes who is on the way."},
              shutdown.grace, kOptionalBounds);
  options.add({"shutdown-migrate-after", "After so long a draining instance's streams are moved."},
              shutdown.migrate_after, kOptionalBounds);
  options.add({"shutdown-deadline", "At the latest then a draining instance stops."},
              shutdown.deadline, {.min = 1s, .max = 24h * 365});
  options.add({"shutdown-max-draining-fraction",
               "Share of the media instances that may drain at a time; at least one may."},
              shutdown.max_draining_fraction, {.min = 0, .max = 1});
  options.add({"shutdown-min-ready", "So many ready media instances stay, whoever asks."},
              shutdown.min_ready, kCountBounds);
  options.add({"shutdown-headroom",
               "Room that the instances that stay must have beyond today's streams, as a share."},
              shutdown.headroom, {.min = 0, .max = 10});
  options.add({"shutdown-max-denials", "After so many denials an instance goes before all others."},
              shutdown.max_denials, {.min = 1, .max = 1'000'000});
  options.add({"shutdown-retry-after", "After so long a denied instance asks again."},
              shutdown.retry_after, {.min = 100ms, .max = 1h});
}

}  // namespace

domain::FleetSettings ControlConfig::fleet_settings() const {
  domain::FleetSettings settings = instances;
  settings.tombstone = sessions.tombstone;
  settings.longest_lease = session_settings().outlived_silence();
  return settings;
}

domain::Settings ControlConfig::session_settings() const {
  domain::Settings settings = sessions;
  settings.idle_phases = static_cast<int>(session_idle_phases);
  settings.max_play_sessions = static_cast<int>(session_max_play);
  settings.max_publish_sessions = static_cast<int>(session_max_publish);
  return settings;
}

void declare(config::Options& options, ControlConfig& config) {
  declare_listeners(options, config);
  options.add({.name = "store",
               .help = "Where sessions are kept; memory forgets them when the process ends.",
               .key = "store.backend"},
              config.store, {{"memory", StoreKind::kMemory}, {"embedded", StoreKind::kEmbedded}});
  options.add({"store-path", "The file of the embedded store."}, config.store_path);
  options.add({"store-backup",
               "Copies the embedded store's file there, also while it is in use, and ends."},
              config.store_backup);
  options.add(
      {"store-restore", "Puts such a copy in the place of the embedded store's file, and ends."},
      config.store_restore);
  options.require([&config]() -> std::optional<std::string> {
    if (config.store_backup.empty() || config.store_restore.empty()) return std::nullopt;
    return "store-backup, store-restore: one at a time";
  });
  declare_sessions(options, config);
  declare_instances(options, config);
  declare_shutdowns(options, config);
  options.add({"stop-timeout", "How long running calls may take when the process is to end."},
              config.stop_timeout, kOptionalBounds);
  log::add_options(options, config.log);
}

}  // namespace weir::control
