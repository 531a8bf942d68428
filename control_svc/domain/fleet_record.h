// The media instances that control knows, in one record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace weir::control::domain {

// As in the public contract.
enum class InstanceState : std::uint8_t {
  kStarting = 1,
  kActive,
  kUnreachable,
  kGrace,
  kDraining,
  kStopped,
  kLost,
};

// Where an instance is reached, as it advertises itself.
struct Route {
  std::string instance_id;
  std::string rtmp_url;
  std::string http_url;
  std::string rtmps_url;
  std::string relay_url;

  bool empty() const { return instance_id.empty(); }
  bool operator==(const Route&) const = default;
};

// What an instance last said of itself.
struct Load {
  std::int32_t publishers = 0;
  std::int32_t players = 0;
  // 0: as many as come.
  std::int32_t max_publishers = 0;
  std::int32_t max_players = 0;
  double cpu_utilization = 0;
  std::int64_t egress_bits_per_second = 0;
  Duration oldest_stream_age{0};

  bool operator==(const Load&) const = default;
};

// As in the public contract.
enum class ShutdownCause : std::uint8_t {
  kLifetime = 1,
  kOperator,
  kSigterm,
  kPreemption,
  kUnhealthy,
};

// The orchestrator has decided already: such a drain is neither denied nor taken back.
constexpr bool is_urgent(ShutdownCause cause) {
  return cause == ShutdownCause::kSigterm || cause == ShutdownCause::kPreemption;
}

// A granted shutdown.
struct Drain {
  ShutdownCause cause{};
  std::string message;
  std::int64_t generation = 0;
  SteadyTime requested{};
  SteadyTime grace_end{};
  // From then on its streams are moved elsewhere.
  SteadyTime migrate_at{};
  SteadyTime deadline{};

  bool operator==(const Drain&) const = default;
};

struct InstanceRecord {
  std::string instance_id;
  std::string incarnation;
  std::string version;
  Route route;
  InstanceState state = InstanceState::kStarting;
  // Of an unreachable or lost one: what it is when it is heard again.
  InstanceState resumes_as = InstanceState::kStarting;
  bool cordoned = false;
  // Takes new work, by its own account.
  bool ready = false;
  Load load;
  // Of this incarnation; kept once it is stopped.
  std::optional<Drain> drain;
  // Of the last drain of this instance, also of an earlier incarnation's.
  std::int64_t drain_generation = 0;
  WallTime started{};
  // When its state last changed.
  SteadyTime changed{};
  // Incarnations that this one came after, newest last: their calls are refused.
  std::vector<std::string> replaced;

  // Serves nothing any more.
  bool gone() const { return state == InstanceState::kStopped || state == InstanceState::kLost; }
  // The state that counts while nothing is heard: the one before.
  InstanceState when_heard() const {
    const bool silent = state == InstanceState::kUnreachable || state == InstanceState::kLost;
    return silent ? resumes_as : state;
  }
  // Somebody may be sent there.
  bool takes_streams() const { return state == InstanceState::kActive && ready && !cordoned; }
};

// Shared between the versions of the fleet's record: a change of one instance copies only that.
using InstanceSnapshot = std::shared_ptr<const InstanceRecord>;

// Of an instance whose shutdown was denied.
struct QueuePlace {
  std::string instance_id;
  // When a denial was last counted.
  SteadyTime denied{};
  int denials = 0;
  // Then it has waited for too long.
  SteadyTime starves_at{};
  // Unless it asks again.
  SteadyTime lapses_at{};

  bool operator==(const QueuePlace&) const = default;
};

// No shutdown by choice is granted meanwhile.
struct DrainFreeze {
  std::string message;
  // SteadyTime::max(): until it is taken back.
  SteadyTime until{};

  bool operator==(const DrainFreeze&) const = default;
};

struct FleetRecord {
  std::vector<InstanceSnapshot> instances;
  // First come, first served.
  std::vector<QueuePlace> queue;
  std::optional<DrainFreeze> freeze;

  const InstanceRecord* find(std::string_view instance_id) const;
  // Instances that are not gone.
  std::size_t serving() const;
};

// Shared, because every placement reads it and few change it.
using FleetSnapshot = std::shared_ptr<const FleetRecord>;

}  // namespace weir::control::domain
