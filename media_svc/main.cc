// weir-media: reads its configuration, wires the parts and lets them serve until the shutdown.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/config/program.h"
#include "common/log/log.h"
#include "common/log/termination_log.h"
#include "common/metrics/admin_server.h"
#include "common/metrics/health_check.h"
#include "common/metrics/registry.h"
#include "common/version.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/drain/lifetime.h"
#include "media_svc/hub/registry.h"
#include "media_svc/instance_load.h"
#include "media_svc/media_config.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/listener.h"
#include "media_svc/net/offline_desk.h"
#include "media_svc/net/precedence.h"
#include "media_svc/net/rtmp_service.h"
#include "media_svc/net/session_directory.h"
#include "media_svc/net/worker_pool.h"
#include "media_svc/probes.h"
#include "media_svc/shutdown_driver.h"
#include "media_svc/shutdown_request.h"
#include "media_svc/worker_watch.h"

namespace weir::media {
namespace {

// Where control's orders go.
class OrderRouter {
 public:
  OrderRouter(net::SessionDirectory& sessions, net::OfflineDesk& offline, InstanceLoad& load,
              ShutdownDriver& shutdown)
      : sessions_(sessions), offline_(offline), load_(load), shutdown_(shutdown) {}

  void operator()(const control_link::EndOrder& order) const {
    offline_.ended({.session_id = order.session_id, .epoch = order.epoch});
    sessions_.tell(order);
  }
  void operator()(const control_link::MoveOrder& order) const { sessions_.tell(order); }
  void operator()(const control_link::ShutdownGrant& grant) const {
    log::info("shutdown.ordered", {{"cause", grant.cause}, {"drain_generation", grant.generation}},
              "control wants this instance to drain");
    shutdown_.tell(granted(grant));
  }
  void operator()(const control_link::DrainCancelled& cancelled) const {
    shutdown_.tell(drain::Cancelled{.generation = cancelled.generation});
  }
  void operator()(const control_link::CordonOrder& order) const {
    if (load_.cordoned() == order.on) return;
    load_.set_cordoned(order.on);
    log::info(order.on ? "instance.cordoned" : "instance.uncordoned", {},
              "an operator decides about new streams here");
  }

 private:
  net::SessionDirectory& sessions_;
  net::OfflineDesk& offline_;
  InstanceLoad& load_;
  ShutdownDriver& shutdown_;
};

control_link::LinkEvents link_events(const OrderRouter& orders, net::OfflineDesk& offline,
                                     MediaMetrics& metrics, InstanceLoad& load) {
  return {.order = [orders](const control_link::Order& order) { std::visit(orders, order); },
          .connected_changed =
              [&](bool connected) {
                metrics.control_connected.Set(connected ? 1 : 0);
                if (connected) {
                  offline.control_back();
                  log::info("control.connected", {}, "control answers");
                } else {
                  offline.control_lost(net::steady_now());
                  log::warn("control.lost", {}, "control does not answer; running streams go on");
                }
              },
          .call_done =
              [&](std::string_view method, std::string_view code) {
                metrics.control_requests.with({method, code}).Increment();
              },
          .status = [&] { return load.sample(net::steady_now()); }};
}

void announce(std::string_view listener, const Endpoint& address) {
  log::info("listener.opened", {{"listener", listener}, {"address", to_string(address)}},
            "listening");
}

drain::Settings shutdown_settings(const MediaConfig& config) {
  std::random_device random;
  const double at = std::uniform_real_distribution<>(0, 1)(random);
  return {.lifetime = drain::jittered(config.instance_lifetime, at),
          .drain_deadline = config.drain_deadline};
}

// Where clients come in: RTMP and, if it is configured, RTMPS.
class Listeners {
 public:
  Listeners(const MediaConfig& config, net::WorkerPool& workers)
      : rtmp_(config.rtmp_listen, workers, config.limits().unacknowledged) {
    if (!config.rtmps_listen) return;
    tls_.emplace(config.tls_certificate, config.tls_key);
    rtmps_.emplace(*config.rtmps_listen, workers, config.limits().unacknowledged);
  }

  void start(net::RtmpService& service) {
    rtmp_.start([&](net::Listener::Socket socket, net::Worker::Place place) {
      service.serve(std::move(socket), std::move(place));
    });
    announce("rtmp", rtmp_.address());
    if (!rtmps_) return;
    rtmps_->start([&](net::Listener::Socket socket, net::Worker::Place place) {
      service.serve(std::move(socket), std::move(place), &*tls_);
    });
    announce("rtmps", rtmps_->address());
  }

  void close() {
    rtmp_.close();
    if (rtmps_) rtmps_->close();
  }

  // What control tells others about this instance.
  control_link::Route route(const MediaConfig& config) const {
    const std::string rtmp = "rtmp://" + to_string(config.advertise_rtmp.value_or(rtmp_.address()));
    control_link::Route route{
        .instance_id = config.instance_id, .rtmp_url = rtmp, .rtmps_url = {}, .relay_url = rtmp};
    if (rtmps_) {
      route.rtmps_url = "rtmps://" + to_string(config.advertise_rtmps.value_or(rtmps_->address()));
    }
    if (config.advertise_relay) route.relay_url = "rtmp://" + to_string(*config.advertise_relay);
    return route;
  }

 private:
  net::Listener rtmp_;
  std::optional<net::TlsContext> tls_;
  std::optional<net::Listener> rtmps_;
};

// Closing takes a moment. It comes out of what a forced drain keeps for its own end.
constexpr Duration kWorkersEnd{5'000};

void tell_end(std::string_view reason, const MediaConfig& config) {
  log::info("process.stopped", {{"reason", reason}}, "all is closed");
  log::write_termination_reason(reason, config.termination_log);
}

// A worker that stands still cannot be waited for, and what it uses must not go before it does.
[[noreturn]] void end_around_workers(std::string_view reason, const MediaConfig& config,
                                     std::optional<log::Output>& output) {
  log::error("worker.left", {}, "the process ends around a worker that stands still");
  tell_end(reason, config);
  output.reset();
  std::_Exit(0);
}

// Ends the process or returns why it came to its end; `output` is what the log is written to.
std::string_view run(const MediaConfig& config, std::optional<log::Output>& output) {
  ShutdownDriver shutdown;
  metrics::Registry registry;
  metrics::add_build_info(registry, "weir-media");
  metrics::add_process_metrics(registry);
  const auto worker_count = static_cast<std::size_t>(config.workers);
  MediaMetrics metrics(registry, worker_count);
  InstanceLoad load(metrics, config.limits());

  net::WorkerPool workers(worker_count);
  Listeners listeners(config, workers);
  net::SessionDirectory sessions;
  net::OfflineDesk offline(config.limits().offline);
  control_link::ControlLink control(
      {.target = to_string(config.control),
       .instance_id = config.instance_id,
       .version = kVersion,
       .route = listeners.route(config),
       .admission_timeout = config.admission_timeout},
      link_events({sessions, offline, load, shutdown}, offline, metrics, load));
  WorkerWatch watch(workers, metrics);
  const metrics::AdminServer admin(
      config.metrics_listen, registry, probes(control, load, watch),
      {{std::string(kShutdownPath), [&] { shutdown.tell(drain::PreStop{}); }}});
  announce("metrics", admin.endpoint());

  hub::Registry streams(
      [&](hub::WorkerId worker, std::function<void()> work) {
        workers.at(worker).post(std::move(work));
      },
      config.log_limits());
  net::RtmpService rtmp(config.limits(), workers, control, streams, metrics.rtmp, sessions, offline,
                        config.proxy_protocol_from());
  if (config.insecure) log::warn("security.insecure", {}, "listening without TLS, as asked");
  workers.start();
  listeners.start(rtmp);
  load.set_ready(true);
  control.start();

  const drain::Ending ending = shutdown.run(shutdown_settings(config), {.control = control,
                                                                        .rtmp = rtmp,
                                                                        .workers = workers,
                                                                        .watch = watch,
                                                                        .load = load,
                                                                        .metrics = metrics});
  listeners.close();
  control.stop();
  if (!workers.stop_within(kWorkersEnd)) end_around_workers(text(ending), config, output);
  return text(ending);
}

}  // namespace
}  // namespace weir::media

namespace {

int ask_running_process(const weir::media::MediaConfig& config) {
  try {
    weir::media::request_shutdown(config.metrics_listen);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "weir-media: {}\n", error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  weir::media::MediaConfig config;
  weir::config::Options options;
  config.declare(options);
  if (const auto exit_code = weir::config::begin_program(
          "weir-media", "RTMP ingest and play, each stream admitted by control.", options, argc,
          argv)) {
    return *exit_code;
  }
  if (config.healthcheck) return weir::metrics::run_health_check(config.metrics_listen);
  if (config.request_shutdown) return ask_running_process(config);
  weir::media::net::give_way();
  std::optional<weir::log::Output> output;
  output.emplace(config.log, weir::log::Identity{.service = "weir-media",
                                                 .version = weir::kVersion,
                                                 .instance_id = config.instance_id});
  try {
    weir::media::tell_end(weir::media::run(config, output), config);
  } catch (const std::exception& error) {
    weir::log::error("process.failed", {{"reason", error.what()}}, "cannot go on");
    weir::log::write_termination_reason(error.what(), config.termination_log);
    return 1;
  }
  return 0;
}
