// The media instances that control knows, in one record.
#pragma once

#include <cstdint>
#include <memory>
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
  WallTime started{};
  // When its state last changed.
  WallTime changed{};
  // Incarnations that this one came after, newest last: their calls are refused.
  std::vector<std::string> replaced;
};

// Shared between the versions of the fleet's record: a change of one instance copies only that.
using InstanceSnapshot = std::shared_ptr<const InstanceRecord>;

struct FleetRecord {
  std::vector<InstanceSnapshot> instances;

  const InstanceRecord* find(std::string_view instance_id) const;
};

// Shared, because every placement reads it and few change it.
using FleetSnapshot = std::shared_ptr<const FleetRecord>;

}  // namespace weir::control::domain
