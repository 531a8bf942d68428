// weir-control: wires configuration, store, rules and services, and ends them in order.
#include <weir/v1/event_service.grpc.pb.h>
#include <weir/v1/instance_service.grpc.pb.h>
#include <weir/v1/stream_service.grpc.pb.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>

#include "common/config/program.h"
#include "common/grpc/grpc_log.h"
#include "common/grpc/server.h"
#include "common/grpc/server_metrics.h"
#include "common/log/log.h"
#include "common/metrics/admin_server.h"
#include "common/version.h"
#include "control_svc/control_config.h"
#include "control_svc/control_metrics.h"
#include "control_svc/event_lines.h"
#include "control_svc/expiry_ticker.h"
#include "control_svc/rpc/session_service.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"

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

// Serves until a signal asks for the end. What is declared first ends last: metrics and /livez
// stay up until nothing is left to observe.
int serve(const ControlConfig& config, const StopSignals& signals) {
  const SystemClock clock;
  const domain::Settings settings = config.session_settings();
  metrics::Registry registry;
  metrics::add_build_info(registry, std::string(kName));
  metrics::add_process_metrics(registry);
  ControlMetrics control_metrics(registry);
  wire::ServerMetrics server_metrics(registry);

  store::MemoryStore store([&](const std::vector<domain::Event>& events) {
    write_lines(events);
    control_metrics.on_events(events);
  });
  control_metrics.watch_sessions(registry, store, settings, clock);
  // Nobody is attached who could be told.
  store::SessionOperations operations(store, settings, [](const domain::EndNotice&) {});
  rpc::SessionService sessions(operations, clock, control_metrics);
  // Not served yet: each of their calls answers UNIMPLEMENTED.
  weir::v1::InstanceService::CallbackService instances;
  weir::v1::StreamService::CallbackService streams;
  weir::v1::EventService::CallbackService watches;

  std::atomic<bool> ready = false;
  const metrics::AdminServer admin(config.metrics_listen, registry, [&ready] {
    return metrics::Readiness{.ready = ready, .reason = ready ? "" : "starting or stopping"};
  });
  log::info("listener.opened", {{"listener", "metrics"}, {"address", to_string(admin.endpoint())}},
            "");
  const ExpiryTicker ticker(operations, clock);

  wire::ServerSettings server_settings;
  server_settings.listen = to_string(config.grpc_listen);
  server_settings.reflection = config.grpc_reflection;
  server_settings.interceptors.push_back(server_metrics.interceptor());
  auto server =
      wire::Server::start(std::move(server_settings), {&sessions, &instances, &streams, &watches});
  if (!server) throw std::runtime_error(server.error());
  server->warm_up();
  server->set_serving(true);
  ready = true;
  const Endpoint bound{.host = config.grpc_listen.host,
                       .port = static_cast<std::uint16_t>(server->port())};
  log::info("listener.opened", {{"listener", "grpc"}, {"address", to_string(bound)}},
            "the API is served");
  log::info("control.ready", {{"store", "memory"}}, "ready");

  const std::string signal = signals.wait();
  log::info("control.stopping", {{"signal", signal}}, "no new calls; running ones may finish");
  ready = false;
  server->stop(config.stop_timeout);
  log::info("control.stopped", {{"signal", signal}}, "all calls are finished");
  log::write_termination_reason(signal);
  return EXIT_SUCCESS;
}

int run(int argc, char** argv) {
  ControlConfig config;
  config::Options options;
  declare(options, config);
  if (const auto exit_code = config::begin_program(
          kName, "admits, renews and ends the sessions of live streams", options, argc, argv)) {
    return *exit_code;
  }
  const StopSignals signals;
  const log::Output output(
      config.log,
      {.service = std::string(kName), .version = std::string(kVersion), .instance_id = {}});
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
