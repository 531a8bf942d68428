// Every option of weir-control.
#pragma once

#include <cstdint>
#include <string>

#include "common/config/options.h"
#include "common/endpoint.h"
#include "common/log/log.h"
#include "control_svc/domain/fleet_settings.h"
#include "control_svc/domain/settings.h"

namespace weir::control {

enum class StoreKind { kMemory, kEmbedded };
// Who may call. More modes come with credentials.
enum class AuthMode { kOpen };

// Filled once by main before anything runs; a plain value afterwards.
struct ControlConfig {
  Endpoint grpc_listen{.host = "127.0.0.1", .port = 7070};
  Endpoint metrics_listen{.host = "127.0.0.1", .port = 9090};
  // Instead of serving: ask the running process whether it is alive.
  bool healthcheck = false;
  bool grpc_reflection = true;
  bool insecure = false;
  AuthMode auth_mode = AuthMode::kOpen;
  StoreKind store = StoreKind::kEmbedded;
  std::string store_path = "./weir-control.db";
  // Instead of serving: copy the store's file there, or put such a copy in its place.
  std::string store_backup;
  std::string store_restore;
  domain::Settings sessions;
  std::int64_t session_idle_phases = sessions.idle_phases;
  std::int64_t session_max_play = sessions.max_play_sessions;
  std::int64_t session_max_publish = sessions.max_publish_sessions;
  domain::FleetSettings instances;
  // How long running calls may take once the process is asked to end.
  Duration stop_timeout = std::chrono::seconds{5};
  log::Settings log;

  // The rules' settings, with what is declared in other types here.
  domain::Settings session_settings() const;
  domain::FleetSettings fleet_settings() const;
};

// Declares the options, with `config`'s values as their defaults; `config` outlives `options`.
void declare(config::Options& options, ControlConfig& config);

}  // namespace weir::control
