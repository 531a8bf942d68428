// weir-media: reads its configuration, wires the parts and waits for the signal to stop.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/config/program.h"
#include "common/log/log.h"
#include "common/metrics/admin_server.h"
#include "common/metrics/health_check.h"
#include "common/metrics/registry.h"
#include "common/version.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/hub/registry.h"
#include "media_svc/instance_load.h"
#include "media_svc/media_config.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/listener.h"
#include "media_svc/net/offline_desk.h"
#include "media_svc/net/rtmp_service.h"
#include "media_svc/net/session_directory.h"
#include "media_svc/net/worker_pool.h"

namespace weir::media {
namespace {

// For control to take the ends of the sessions that were held here.
constexpr Duration kLastReports{5'000};

control_link::LinkEvents link_events(net::SessionDirectory& sessions, net::OfflineDesk& offline,
                                     MediaMetrics& metrics, InstanceLoad& load) {
  return {.order =
              [&](const control_link::Order& order) {
                if (const auto* end = std::get_if<control_link::EndOrder>(&order)) {
                  sessions.end(*end);
                }
              },
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
          .status = [&] { return load.sample(); }};
}

metrics::Readiness readiness(const control_link::ControlLink& control, const InstanceLoad& load) {
  if (!load.ready()) return {.ready = false, .reason = "takes no new streams"};
  if (!control.connected()) return {.ready = false, .reason = "control does not answer"};
  return {.ready = true, .reason = {}};
}

void announce(std::string_view listener, const Endpoint& address) {
  log::info("listener.opened", {{"listener", listener}, {"address", to_string(address)}},
            "listening");
}

int wait_for_signal() {
  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  int received = 0;
  signals.async_wait([&](const boost::system::error_code&, int signal) { received = signal; });
  io.run();
  return received;
}

// Where clients come in: RTMP and, if it is configured, RTMPS.
class Listeners {
 public:
  Listeners(const MediaConfig& config, net::WorkerPool& workers)
      : rtmp_(config.rtmp_listen, workers) {
    if (!config.rtmps_listen) return;
    tls_.emplace(config.tls_certificate, config.tls_key);
    rtmps_.emplace(*config.rtmps_listen, workers);
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

void run(const MediaConfig& config) {
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
  control_link::ControlLink control({.target = to_string(config.control),
                                     .instance_id = config.instance_id,
                                     .version = kVersion,
                                     .route = listeners.route(config),
                                     .admission_timeout = config.admission_timeout},
                                    link_events(sessions, offline, metrics, load));
  const metrics::AdminServer admin(config.metrics_listen, registry,
                                   [&] { return readiness(control, load); });
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

  const int signal = wait_for_signal();
  log::info("process.stopping", {{"signal", signal}}, "closing all connections");
  load.set_ready(false);
  listeners.close();
  rtmp.stop_accepting();
  workers.close_connections();
  if (!control.flush(kLastReports)) {
    log::warn("process.reports_lost", {}, "control did not take the last reports");
  }
  control.stop();
  workers.stop();
}

}  // namespace
}  // namespace weir::media

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
  const weir::log::Output output(
      config.log,
      {.service = "weir-media", .version = weir::kVersion, .instance_id = config.instance_id});
  try {
    weir::media::run(config);
  } catch (const std::exception& error) {
    weir::log::error("process.failed", {{"reason", error.what()}}, "cannot go on");
    weir::log::write_termination_reason(error.what());
    return 1;
  }
  weir::log::info("process.stopped", {}, "all is closed");
  weir::log::write_termination_reason("stopped by a signal");
  return 0;
}
