#include "control_svc/control.h"

#include <fmt/format.h>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/grpc/unknown_methods.h"
#include "common/log/log.h"

namespace weir::control {
namespace {

// Tells the events of this process from those of another whose history is gone.
std::string new_generation() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

Control::Control(const ControlConfig& config)
    : config_(config),
      settings_(config.session_settings()),
      metrics_(registry_),
      server_metrics_(registry_),
      history_(new_generation()),
      store_(open_store(config, clock_, history_, metrics_)),
      sessions_(
          store_.records(), settings_,
          [this](const domain::EndNotice& notice) {
            metrics_.on_end_notice(notice);
            lines_.tell(notice);
          },
          store_.hold_until()),
      fleet_(
          store_.records(), sessions_, config.fleet_settings(), clock_.now().steady,
          {.lost = [this](const domain::LostIncarnation& lost) { lines_.drop(lost); },
           .ordered = [this](const domain::InstanceRecord& instance) { lines_.tell(instance); }}),
      mover_(store_.records(), sessions_,
             [this](const domain::MoveOrder& order) { lines_.tell(order); }),
      admin_(config.metrics_listen, registry_,
             {.readiness =
                  [this] {
                    return metrics::Readiness{.ready = ready_,
                                              .reason = ready_ ? "" : "starting or stopping"};
                  }}),
      expiry_(sessions_, clock_),
      fleet_ticker_(fleet_, lines_, clock_),
      move_ticker_(mover_, clock_),
      session_service_(sessions_, clock_, metrics_, answers_, server_metrics_),
      instance_service_(attach_context()),
      stream_service_(store_.records(), attach_context()),
      event_service_(history_, clock_) {
  metrics::add_build_info(registry_, "weir-control");
  metrics::add_process_metrics(registry_);
  metrics_.watch_sessions(registry_, store_.records(), settings_, clock_);
  metrics_.watch_instances(registry_, fleet_, lines_, clock_);
  metrics_.watch_shutdowns(registry_, fleet_, clock_);
  metrics_.watch_events(registry_, history_);
  metrics_.watch_recovery(registry_, store_.hold_until(), clock_);
  fleet_.finish_losses(clock_.now());
  auto server = wire::Server::start(server_settings(), {&session_service_, &instance_service_,
                                                        &stream_service_, &event_service_});
  if (!server) throw std::runtime_error(server.error());
  server_ = *std::move(server);
  server_->warm_up();
  server_->set_serving(true);
  ready_ = true;
}

rpc::AttachContext Control::attach_context() {
  return {.sessions = sessions_,
          .fleet = fleet_,
          .lines = lines_,
          .mover = mover_,
          .observer = metrics_,
          .relay_secret = relay_secret_,
          .clock = clock_,
          .answers = answers_,
          .metrics = server_metrics_};
}

wire::ServerSettings Control::server_settings() {
  wire::ServerSettings settings;
  settings.listen = to_string(config_.grpc_listen);
  settings.reflection = config_.grpc_reflection;
  settings.interceptors.push_back(server_metrics_.interceptor());
  settings.unknown_methods = std::make_unique<wire::UnknownMethods>(server_metrics_);
  return settings;
}

Endpoint Control::grpc_endpoint() const {
  return {.host = config_.grpc_listen.host, .port = static_cast<std::uint16_t>(server_->port())};
}

void Control::stop(Duration patience) {
  ready_ = false;
  server_->set_serving(false);
  lines_.close_all();
  event_service_.close_all();
  server_->stop(patience);
}

}  // namespace weir::control
