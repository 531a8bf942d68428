#include "media_svc/shutdown_driver.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <string_view>
#include <utility>
#include <variant>

#include "common/log/log.h"

namespace weir::media {
namespace {

// How often a shutdown under way is looked at. An idle one passes by a handful of looks.
constexpr Duration kLook{50};

control_link::ShutdownCause cause_of(const drain::ShutdownMachine& machine) {
  using control_link::ShutdownCause;
  if (machine.forced()) return ShutdownCause::kSigterm;
  return machine.unhealthy() ? ShutdownCause::kUnhealthy : ShutdownCause::kLifetime;
}

std::string_view name(control_link::ShutdownCause cause) {
  switch (cause) {
    case control_link::ShutdownCause::kLifetime:
      return "lifetime";
    case control_link::ShutdownCause::kUnhealthy:
      return "unhealthy";
    case control_link::ShutdownCause::kSigterm:
      return "sigterm";
  }
  return "";
}

SteadyTime steady_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

}  // namespace

drain::Granted granted(const control_link::ShutdownGrant& grant) {
  return {{.generation = grant.generation, .grace = grant.grace, .deadline = grant.deadline}};
}

ShutdownDriver::ShutdownDriver() : signals_(io_, SIGINT, SIGTERM), timer_(io_), watch_timer_(io_) {}

void ShutdownDriver::tell(drain::Event event) {
  boost::asio::post(io_, [this, event = std::move(event)] { step(event); });
}

drain::Ending ShutdownDriver::run(const drain::Settings& settings, const Parts& parts) {
  parts_ = &parts;
  machine_.emplace(settings, steady_now());
  show_state();
  wait_for_signal();
  watch_workers();
  arm_timer();
  io_.run();
  return machine_->ending();
}

void ShutdownDriver::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    log::info("process.signal", {{"signal", signal}}, "a signal asks the process to end");
    wait_for_signal();
    if (signal == SIGTERM) {
      step(drain::Terminate{});
    } else {
      step(drain::Interrupt{});
    }
  });
}

void ShutdownDriver::watch_workers() {
  parts_->watch.look();
  if (parts_->watch.stalled()) {
    step(drain::Unhealthy{});
  } else {
    step(drain::Recovered{});
  }
  watch_timer_.expires_after(drain::StallWatch::kLook);
  watch_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) watch_workers();
  });
}

void ShutdownDriver::look() {
  step(drain::TimePassed{});
  if (machine_->state() != drain::State::kServing && parts_->rtmp.occupants() == 0) {
    step(drain::Empty{});
  }
  if (parts_->control.left()) step(drain::Reported{});
  arm_timer();
}

void ShutdownDriver::arm_timer() {
  const bool serving = machine_->state() == drain::State::kServing;
  const auto next = serving ? machine_->next_deadline() : steady_now() + kLook;
  timer_.cancel();
  if (!next) return;
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && machine_->state() != drain::State::kDone) look();
  });
}

void ShutdownDriver::step(const drain::Event& event) {
  const drain::State before = machine_->state();
  for (const drain::Action action : machine_->step(event, steady_now())) perform(action);
  parts_->load.set_drain_generation(machine_->generation());
  if (machine_->state() == before) return;
  log::info("shutdown.state", {{"from", name(before)}, {"to", name(machine_->state())}},
            "the shutdown goes on");
  show_state();
  arm_timer();
}

void ShutdownDriver::perform(drain::Action action) {
  switch (action) {
    case drain::Action::kAsk:
      return ask();
    case drain::Action::kReadinessOff:
      return parts_->load.set_ready(false);
    case drain::Action::kReadinessOn:
      return parts_->load.set_ready(true);
    case drain::Action::kRefuse:
      return parts_->rtmp.set_accepting(false);
    case drain::Action::kAccept:
      return parts_->rtmp.set_accepting(true);
    case drain::Action::kMoveRest:
      return parts_->workers.move_connections();
    case drain::Action::kClose:
      log::info("process.stopping",
                {{"reason", text(machine_->ending())}, {"left", parts_->rtmp.occupants()}},
                "closing all connections");
      return parts_->workers.close_connections();
    case drain::Action::kReport:
      return parts_->control.leave();
    case drain::Action::kExit:
      if (!parts_->control.left()) {
        log::warn("process.reports_lost", {}, "control did not take the last reports");
      }
      return io_.stop();
  }
}

void ShutdownDriver::ask() {
  const control_link::ShutdownRequest request{.cause = cause_of(*machine_),
                                              .time_left = machine_->time_left(steady_now())};
  log::info("shutdown.asked", {{"cause", name(request.cause)}},
            "control is asked whether this instance may go");
  parts_->control.request_shutdown(request, [this](control_link::ShutdownAnswer answer) {
    boost::asio::post(io_, [this, answer = std::move(answer)] { answered(answer); });
  });
}

void ShutdownDriver::answered(const control_link::ShutdownAnswer& answer) {
  if (const auto* grant = std::get_if<control_link::ShutdownGrant>(&answer)) {
    log::info("shutdown.granted",
              {{"cause", grant->cause},
               {"drain_generation", grant->generation},
               {"grace_ms", grant->grace.count()},
               {"deadline_ms", grant->deadline.count()}},
              "control lets this instance go");
    return step(granted(*grant));
  }
  if (const auto* denial = std::get_if<control_link::ShutdownDenial>(&answer)) {
    log::info("shutdown.denied",
              {{"reason", denial->reason},
               {"retry_after_ms", denial->retry_after.count()},
               {"queue_position", denial->queue_position}},
              "control keeps this instance for now");
    return step(drain::Denied{.retry_after = denial->retry_after});
  }
  log::warn("shutdown.unanswered", {}, "control did not say whether this instance may go");
  step(drain::Unanswered{});
}

void ShutdownDriver::show_state() {
  using drain::State;
  for (const State state : {State::kServing, State::kAsking, State::kGrace, State::kDraining,
                            State::kReporting, State::kDone}) {
    parts_->metrics.shutdown_state.with({name(state)}).Set(machine_->state() == state ? 1 : 0);
  }
}

}  // namespace weir::media
