// Carries out what the shutdown machine says, from the process's first moment to its last.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "media_svc/control_link/control_link.h"
#include "media_svc/drain/shutdown_machine.h"
#include "media_svc/instance_load.h"
#include "media_svc/media_metrics.h"
#include "media_svc/net/rtmp_service.h"
#include "media_svc/net/worker_pool.h"
#include "media_svc/worker_watch.h"

namespace weir::media {

// Owned by main, made before everything that may tell it something. Takes SIGTERM and SIGINT from
// then on. `run` returns when the process may exit; its parts outlive that.
class ShutdownDriver {
 public:
  // What it moves. All of it is safe from the thread of `run`.
  struct Parts {
    control_link::ControlLink& control;
    net::RtmpService& rtmp;
    net::WorkerPool& workers;
    WorkerWatch& watch;
    InstanceLoad& load;
    MediaMetrics& metrics;
  };

  ShutdownDriver();
  ShutdownDriver(const ShutdownDriver&) = delete;
  ShutdownDriver& operator=(const ShutdownDriver&) = delete;

  // Any thread, at any time.
  void tell(drain::Event event);
  // The instance serves from now on; returns how it came to its end.
  drain::Ending run(const drain::Settings& settings, const Parts& parts);

 private:
  void wait_for_signal();
  void watch_workers();
  void look();
  void arm_timer();
  void step(const drain::Event& event);
  void perform(drain::Action action);
  void ask();
  void answered(const control_link::ShutdownAnswer& answer);
  void show_state();

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer watch_timer_;
  std::optional<drain::ShutdownMachine> machine_;
  const Parts* parts_ = nullptr;
};

// A grant of control, as the machine takes it.
drain::Granted granted(const control_link::ShutdownGrant& grant);

}  // namespace weir::media
