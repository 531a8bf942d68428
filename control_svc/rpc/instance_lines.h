// Which instances are attached, what they last said, and the way to tell them something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/domain/stream_move.h"

namespace weir::control::rpc {

// The sending half of one Attach stream. Any thread.
class InstanceLine {
 public:
  virtual ~InstanceLine() = default;
  virtual void end_session(const domain::EndNotice& notice) = 0;
  // What the instance should do by its record.
  virtual void order(const domain::InstanceRecord& instance) = 0;
  virtual void move(const domain::MoveOrder& order) = 0;
  enum class CloseReason { kReplaced, kStale, kLost, kStopping };
  virtual void close(CloseReason reason) = 0;
};

// Owned by main, outlives the services. Any thread. Holds one entry an instance: while it is
// attached, and as long after as its silence is counted.
class InstanceLines {
 public:
  // The line takes the place of the instance's earlier one, which is closed. `report_interval`:
  // what it is told.
  void attach(const domain::InstanceHello& hello, std::shared_ptr<InstanceLine> line,
              Duration report_interval, SteadyTime now);
  // Unless another line has taken its place.
  void detach(std::string_view instance_id, const InstanceLine* line);

  void heard(std::string_view instance_id, std::string_view incarnation, SteadyTime now);
  // A report, as the sighting that it makes.
  void reported(const domain::InstanceSighting& report);
  // It has said all and ended its line. Whether it was draining.
  bool left(std::string_view instance_id, std::string_view incarnation);
  // The highest session event of this incarnation that is stored; 0: none that is known.
  std::int64_t events_taken(std::string_view instance_id, std::string_view incarnation) const;
  void note_events_taken(std::string_view instance_id, std::string_view incarnation,
                         std::int64_t sequence);

  // Lossy: dropped when the instance is not attached.
  void tell(const domain::EndNotice& notice) const;
  void tell(const domain::MoveOrder& order) const;
  // To this incarnation only.
  void tell(const domain::InstanceRecord& instance) const;
  bool attached(std::string_view instance_id) const;
  // The incarnation has to say Hello again before anything else.
  void drop(const domain::LostIncarnation& lost);
  void close_all();

  // Everything heard; of who is not attached only what is no older than two leases, the rest is
  // forgotten.
  std::vector<domain::InstanceSighting> sightings(const domain::FleetSettings& settings,
                                                  SteadyTime now);
  std::vector<domain::InstanceSighting> sightings() const;
  std::optional<domain::InstanceSighting> sighting(std::string_view instance_id) const;

 private:
  struct Entry {
    domain::InstanceSighting sighting;
    std::int64_t events_taken = 0;
    std::shared_ptr<InstanceLine> line;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  std::shared_ptr<InstanceLine> line_to(std::string_view instance_id) const;
  Entry* find(std::string_view instance_id, std::string_view incarnation);
  const Entry* find(std::string_view instance_id, std::string_view incarnation) const;

  mutable std::mutex mutex_;
  Entries entries_;
};

}  // namespace weir::control::rpc
