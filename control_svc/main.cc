// weir-control: reads the configuration, runs Control and ends it in order.
#include <csignal>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/program.h"
#include "common/grpc/grpc_log.h"
#include "common/log/log.h"
#include "common/metrics/health_check.h"
#include "common/version.h"
#include "control_svc/control.h"
#include "control_svc/control_config.h"
#include "control_svc/store/journal_file.h"

namespace weir::control {
namespace {

constexpr std::string_view kName = "weir-control";

// Blocked before any thread starts, so that only `wait` ever sees them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  std::string wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal == SIGTERM ? "SIGTERM" : "SIGINT";
  }

 private:
  sigset_t signals_{};
};

void warn_if_insecure(const ControlConfig& config) {
  if (is_loopback(config.grpc_listen)) return;
  log::warn("control.insecure", {{"address", to_string(config.grpc_listen)}},
            "anybody who reaches this address may call; there is neither TLS nor authentication");
}

void log_listener(std::string_view listener, const Endpoint& endpoint) {
  log::info("listener.opened", {{"listener", listener}, {"address", to_string(endpoint)}},
            "listening");
}

// Serves until a signal asks for the end.
int serve(const ControlConfig& config, const StopSignals& signals) {
  Control control(config);
  log_listener("metrics", control.metrics_endpoint());
  log_listener("grpc", control.grpc_endpoint());
  log::info("control.ready",
            {{"store", config.store == StoreKind::kMemory ? "memory" : "embedded"}}, "ready");
  const std::string signal = signals.wait();
  log::info("control.stopping", {{"signal", signal}}, "no new calls; running ones may finish");
  control.stop(config.stop_timeout);
  log::info("control.stopped", {{"signal", signal}}, "all calls are finished");
  log::write_termination_reason(signal);
  return EXIT_SUCCESS;
}

// The one thing that is done instead of serving; nothing when there is none.
std::optional<int> copy_store(const ControlConfig& config) {
  if (config.store_backup.empty() && config.store_restore.empty()) return std::nullopt;
  const auto copied = config.store_restore.empty()
                          ? store::back_up_journal(config.store_path, config.store_backup)
                          : store::restore_journal(config.store_restore, config.store_path);
  if (copied) {
    log::info("store.copied", {{"store_path", config.store_path}}, "copied");
    return EXIT_SUCCESS;
  }
  log::error("store.not_copied", {}, copied.error().text);
  return EXIT_FAILURE;
}

int run(int argc, char** argv) {
  ControlConfig config;
  config::Options options;
  declare(options, config);
  if (const auto exit_code = config::begin_program(
          kName, "admits, renews and ends the sessions of live streams", options, argc, argv)) {
    return *exit_code;
  }
  if (config.healthcheck) return metrics::run_health_check(config.metrics_listen);
  const StopSignals signals;
  // A limit on the store's file is a failure like a full disk, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  const log::Output output(
      config.log,
      {.service = std::string(kName), .version = std::string(kVersion), .instance_id = {}});
  if (const auto exit_code = copy_store(config)) return *exit_code;
  wire::route_grpc_log();
  warn_if_insecure(config);
  try {
    return serve(config, signals);
  } catch (const std::exception& failure) {
    log::error("control.failed", {}, failure.what());
    log::write_termination_reason(failure.what());
    return EXIT_FAILURE;
  }
}

}  // namespace
}  // namespace weir::control

int main(int argc, char** argv) { return weir::control::run(argc, argv); }
