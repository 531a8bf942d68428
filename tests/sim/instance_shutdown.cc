// How an instance goes: it does what the product's machine says, as ShutdownDriver does.
#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "tests/sim/instance.h"

namespace weir::sim {
namespace {

using media::drain::Action;

media::drain::Granted granted(const domain::Drain& drain, SteadyTime now) {
  return {{.generation = drain.generation,
           .grace = std::max(Duration{0}, drain.grace_end - now),
           .deadline = std::max(Duration{0}, drain.deadline - now)}};
}

domain::ShutdownCause cause_of(const media::drain::ShutdownMachine& machine) {
  if (machine.forced()) return domain::ShutdownCause::kSigterm;
  return machine.unhealthy() ? domain::ShutdownCause::kUnhealthy : domain::ShutdownCause::kLifetime;
}

}  // namespace

void Instance::terminate() {
  world_.note({name_}, fmt::format("{}: SIGTERM", name_));
  step(media::drain::Terminate{});
}

void Instance::fall_ill(Duration how_long) {
  world_.note({name_}, fmt::format("{}: unhealthy", name_));
  step(media::drain::Unhealthy{});
  world_.timeline().after(how_long, [this, by = incarnation_] {
    if (by == incarnation_) step(media::drain::Recovered{});
  });
}

void Instance::step(const media::drain::Event& event) {
  for (const Action action : machine_->step(event, world_.timeline().now())) perform(action);
}

void Instance::perform(Action action) {
  world_.note({name_}, fmt::format("{}: {}", name_, media::drain::name(action)));
  switch (action) {
    case Action::kAsk:
      return ask();
    case Action::kReadinessOff:
    case Action::kReadinessOn:
      ready_ = action == Action::kReadinessOn;
      return;
    case Action::kRefuse:
    case Action::kAccept:
      accepting_ = action == Action::kAccept;
      return;
    case Action::kMoveRest:
      return interrupt_all(/*players=*/false, /*publishers=*/true);
    case Action::kClose:
      return interrupt_all(/*players=*/true, /*publishers=*/true);
    case Action::kReport:
      return;
    case Action::kExit:
      return restart();
  }
}

// What the driver finds whenever it looks.
void Instance::look() {
  step(media::drain::TimePassed{});
  if (connections_.empty() && machine_->state() != media::drain::State::kServing) {
    step(media::drain::Empty{});
  }
  if (reports_.empty()) step(media::drain::Reported{});
}

void Instance::ask() {
  domain::ShutdownRequest request;
  request.instance_id = name_;
  request.incarnation = incarnation_;
  request.cause = cause_of(*machine_);
  if (machine_->forced()) request.time_left = machine_->time_left(world_.timeline().now());
  world_.request_shutdown(name_, request, [this, by = incarnation_](const auto& outcome) {
    if (by != incarnation_) return;
    if (!outcome || !*outcome) return step(media::drain::Unanswered{});
    if (const auto* denial = std::get_if<domain::ShutdownDenial>(&**outcome)) {
      return step(media::drain::Denied{.retry_after = denial->retry_after});
    }
    step(granted(std::get<domain::Drain>(**outcome), world_.timeline().now()));
  });
}

void Instance::on_order(const domain::InstanceRecord& order) {
  if (order.incarnation != incarnation_) return;
  if (order.drain) return step(granted(*order.drain, world_.timeline().now()));
  if (order.drain_generation > 0) {
    step(media::drain::Cancelled{.generation = order.drain_generation});
  }
}

void Instance::on_move(const domain::MoveOrder& order) {
  const auto found = std::ranges::find(connections_, order.session, &Connection::session);
  if (found == connections_.end() || found->epoch != order.epoch) return;
  const std::size_t dice = world_.random().below(10);
  // Reconnects, and is served here until it has; is closed here; or stays as long as it may.
  if (dice < 6) return come_back_(found->wish);
  if (dice < 8) interrupt(*found);
}

void Instance::interrupt(Connection& connection) {
  if (connection.session.empty()) return;
  if (!connection.silent) report(connection, domain::SessionReport::Kind::kInterrupted);
  come_back_(connection.wish);
  connection.session = {};
}

void Instance::interrupt_all(bool players, bool publishers) {
  for (Connection& connection : connections_) {
    const bool publishes = connection.wish.kind == domain::SessionKind::kPublish;
    if (publishes ? publishers : players) interrupt(connection);
  }
  std::erase_if(connections_, [](const Connection& gone) { return gone.session.empty(); });
}

}  // namespace weir::sim
