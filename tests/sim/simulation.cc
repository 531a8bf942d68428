#include "tests/sim/simulation.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::sim {
namespace {

std::string numbered(const char* what, std::size_t number) {
  return fmt::format("{}{}", what, number);
}

}  // namespace

Simulation::Simulation(const WorldSettings& settings)
    : world_(settings), started_(world_.timeline().now()) {
  for (int i = 0; i < settings.instances; ++i) {
    instances_.push_back(
        std::make_unique<Instance>(world_, numbered("media-", static_cast<std::size_t>(i)),
                                   [this](const StreamWish& wish) { come_back(wish); }));
    by_name_[instances_.back()->name()] = instances_.back().get();
    instances_.back()->start();
  }
  // Half of the users have an application, the others only stream.
  for (int i = 0; i < settings.users; ++i) {
    const std::string name = numbered("user-", static_cast<std::size_t>(i));
    if (i % 2 == 0) {
      people_.push_back(std::make_unique<Person>(
          world_, name, [this](const auto& instance, const auto& wish) { go_to(instance, wish); }));
      people_.back()->start();
    }
    const auto stream = world_.random().below(static_cast<std::size_t>(settings.streams));
    const bool publish = world_.random().chance(0.4);
    come_back({name, numbered("live/", stream),
               publish ? domain::SessionKind::kPublish : domain::SessionKind::kPlay});
  }
  plan(settings.control_crash, &Simulation::crash_control);
  plan(settings.instance_crash, &Simulation::crash_instance);
  plan(settings.partition, &Simulation::cut_off_somebody);
  plan(settings.wall_jump, &Simulation::jump_wall);
  plan(settings.sigterm, &Simulation::terminate_somebody);
  plan(settings.illness, &Simulation::make_somebody_ill);
  plan(settings.operation, &Simulation::operate);
}

void Simulation::plan(Duration mean, void (Simulation::*mishap)()) {
  world_.timeline().after(world_.random().between(Duration{1}, 2 * mean), [this, mean, mishap] {
    (this->*mishap)();
    plan(mean, mishap);
  });
}

// At any moment, or in the middle of an admission.
void Simulation::crash_control() {
  if (world_.random().chance(0.5)) return world_.restart_control();
  world_.restart_control_after_claim();
}

// Now and then later than every deadline.
void Simulation::come_back(const StreamWish& wish) {
  const Duration longest = world_.random().chance(0.05) ? Duration{180'000} : Duration{20'000};
  world_.timeline().after(world_.random().between(Duration{200}, longest),
                          [this, wish] { any_instance().connect(wish); });
}

// Sometimes after the session has ended by its start timeout.
void Simulation::go_to(const std::string& instance, const StreamWish& wish) {
  const Duration longest = world_.random().chance(0.1) ? Duration{60'000} : Duration{5'000};
  world_.timeline().after(world_.random().between(Duration{50}, longest),
                          [placed = by_name_.at(instance), wish] { placed->connect(wish); });
}

// Sometimes longer than every deadline.
void Simulation::cut_off_somebody() {
  const Duration how_long = world_.random().chance(0.3)
                                ? Duration{120'000}
                                : world_.random().between(Duration{500}, Duration{30'000});
  world_.cut_off(any_instance().name(), how_long);
}

// For less than control takes to answer, or until it is gone.
void Simulation::make_somebody_ill() {
  any_instance().fall_ill(world_.random().between(Duration{0}, Duration{300'000}));
}

void Simulation::jump_wall() {
  const Duration by = world_.random().between(Duration{0}, Duration{7'200'000});
  world_.note({"*"}, "the wall clock jumps");
  world_.timeline().jump_wall(by - Duration{3'600'000});
}

// What an operator does to the fleet.
void Simulation::operate() {
  const std::string name = any_instance().name();
  const std::size_t dice = world_.random().below(10);
  if (dice < 5) {
    domain::ShutdownRequest request;
    request.instance_id = name;
    request.cause = domain::ShutdownCause::kOperator;
    request.force = dice == 0;
    if (request.force) world_.oracle().drain_forced(name);
    return world_.request_shutdown("operator", request, [](const auto&) {});
  }
  if (dice < 8) {
    return world_.call<domain::InstanceSnapshot>(
        "operator", {name}, "takes the drain of " + name + " back",
        [this, name](ControlNode& control, auto answer) {
          control.fleet().cancel_drain(name, world_.timeline().clocks(), std::move(answer));
        },
        [](const auto&) {});
  }
  std::optional<domain::DrainFreeze> freeze;
  if (dice == 8)
    freeze =
        domain::DrainFreeze{.message = {}, .until = world_.timeline().now() + Duration{30'000}};
  world_.call<std::optional<domain::DrainFreeze>>(
      "operator", {"*"}, freeze ? "freezes drains" : "allows drains",
      [this, freeze](ControlNode& control, auto answer) {
        control.fleet().set_freeze(freeze, world_.timeline().clocks(), std::move(answer));
      },
      [](const auto&) {});
}

bool Simulation::step() {
  if (!world_.timeline().step()) return false;
  if (++steps_ % world_.settings().steps_between_full_checks == 0) world_.check_all();
  return !world_.oracle().violation();
}

std::string Simulation::failure() const {
  const auto& violation = world_.oracle().violation();
  if (!violation) return "nothing is wrong";
  std::string text = fmt::format("seed {}, step {}: invariant {}\n", world_.settings().seed, steps_,
                                 violation->what);
  constexpr std::size_t kLines = 40;
  const auto lines = world_.trace().about(violation->about);
  const std::size_t skipped = lines.size() > kLines ? lines.size() - kLines : 0;
  if (skipped > 0) text += fmt::format("  ({} earlier lines left out)\n", skipped);
  for (std::size_t i = skipped; i < lines.size(); ++i) text += "  " + lines[i] + "\n";
  return text;
}

WorldSettings shrink(WorldSettings failing, std::uint64_t most_steps) {
  const auto fails = [&](const WorldSettings& settings) {
    Simulation simulation(settings);
    while (simulation.steps() < most_steps) {
      if (!simulation.step()) return true;
    }
    return false;
  };
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (int WorldSettings::* const part :
         {&WorldSettings::users, &WorldSettings::instances, &WorldSettings::streams}) {
      WorldSettings half = failing;
      half.*part = std::max(1, half.*part / 2);
      if (half.*part == failing.*part || !fails(half)) continue;
      failing = half;
      smaller = true;
    }
  }
  return failing;
}

}  // namespace weir::sim
