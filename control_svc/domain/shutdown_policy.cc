#include "control_svc/domain/shutdown_policy.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace weir::control::domain {
namespace {

// Between the end of an urgent drain and the kill, at most.
constexpr Duration kKillMargin = std::chrono::seconds{10};
constexpr int kQuarter = 4;

// Streams, or the room for them, of one kind.
struct Tally {
  std::int64_t streams = 0;
  std::int64_t room = 0;
  bool boundless = false;

  // An instance that stays. A maximum of 0 takes as many as come.
  void add_room(std::int32_t maximum) {
    room += maximum;
    boundless = boundless || maximum == 0;
  }
  bool suffices(double headroom) const {
    return boundless || static_cast<double>(streams) * (1 + headroom) <= static_cast<double>(room);
  }
};

// The fleet without those that leave.
struct Balance {
  std::int64_t members = 0;
  // Drain already, or will before it is this instance's turn.
  std::int64_t leaving = 0;
  std::int64_t ready = 0;
  Tally publishers;
  Tally players;
};

Balance balance_without(const FleetRecord& fleet, std::string_view instance_id,
                        std::span<const std::string_view> ahead) {
  Balance balance;
  for (const InstanceSnapshot& instance : fleet.instances) {
    if (instance->gone()) continue;
    ++balance.members;
    balance.publishers.streams += instance->load.publishers;
    balance.players.streams += instance->load.players;
    if (instance->instance_id == instance_id) continue;
    const bool leaves = instance->drain.has_value() ||
                        std::ranges::find(ahead, instance->instance_id) != ahead.end();
    if (leaves) ++balance.leaving;
    if (leaves || !instance->takes_streams()) continue;
    ++balance.ready;
    balance.publishers.add_room(instance->load.max_publishers);
    balance.players.add_room(instance->load.max_players);
  }
  return balance;
}

// Grace and migration within the deadline.
Drain cut_to_deadline(Duration grace, Duration migrate_after, Duration deadline, SteadyTime now) {
  const Duration end_of_grace = std::min(grace, deadline);
  Drain drain;
  drain.requested = now;
  drain.grace_end = now + end_of_grace;
  drain.migrate_at = now + std::clamp(migrate_after, end_of_grace, deadline);
  drain.deadline = now + deadline;
  return drain;
}

}  // namespace

bool frozen(const FleetRecord& fleet, SteadyTime now) {
  return fleet.freeze && now < fleet.freeze->until;
}

std::optional<DenialReason> objection(const FleetRecord& fleet, std::string_view instance_id,
                                      std::span<const std::string_view> ahead,
                                      const ShutdownSettings& settings) {
  const Balance balance = balance_without(fleet, instance_id, ahead);
  const double share = std::floor(settings.max_draining_fraction * double(balance.members));
  const std::int64_t allowed = std::max<std::int64_t>(1, std::llround(share));
  if (balance.leaving >= allowed) return DenialReason::kTooManyDraining;
  if (balance.ready < settings.min_ready) return DenialReason::kMinReady;
  if (!balance.publishers.suffices(settings.headroom) ||
      !balance.players.suffices(settings.headroom)) {
    return DenialReason::kNoCapacityElsewhere;
  }
  return std::nullopt;
}

Drain plan_by_choice(const DrainWish& wish, const ShutdownSettings& settings, SteadyTime now) {
  return cut_to_deadline(wish.grace.value_or(settings.grace),
                         wish.migrate_after.value_or(settings.migrate_after),
                         wish.deadline.value_or(settings.deadline), now);
}

Drain plan_urgent(std::optional<Duration> time_left, const ShutdownSettings& settings,
                  SteadyTime now) {
  Duration deadline = settings.deadline;
  if (time_left) {
    const Duration margin = std::min(kKillMargin, *time_left / kQuarter);
    deadline = std::min(deadline, *time_left - margin);
  }
  const Duration grace = std::min(settings.grace, deadline / kQuarter);
  return cut_to_deadline(grace, grace, deadline, now);
}

}  // namespace weir::control::domain
