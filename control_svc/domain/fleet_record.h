// The media instances that control knows, in one record.
#pragma once

#include <cstdint>
#include <string>
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
};

struct InstanceRecord {
  std::string instance_id;
  std::string incarnation;
  std::string version;
  Route route;
  InstanceState state = InstanceState::kStarting;
  bool cordoned = false;
  WallTime started{};
};

struct FleetRecord {
  std::vector<InstanceRecord> instances;

  const InstanceRecord* find(std::string_view instance_id) const;
};

}  // namespace weir::control::domain
