// control_svc in the simulation: the real rules, operations and store over a simulated disk.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control_svc/domain/settings.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/store/stream_mover.h"
#include "tests/sim/disk.h"
#include "tests/sim/latent_store.h"
#include "tests/sim/names.h"
#include "tests/sim/random.h"
#include "tests/sim/settings.h"
#include "tests/sim/timeline.h"

namespace weir::sim {

// One process of control, from its start to its crash. Owned by the world.
class ControlNode {
 public:
  // Restores what is on the disk.
  ControlNode(Disk& disk, Timeline& timeline, Random& random, PlantedFault planted,
              const domain::Settings& settings, bool recovering, CommitWatch watch);
  // What was restored can be looked at before; from here on it changes.
  void start();
  // Like a kill: nothing that is under way comes to anything.
  ~ControlNode();
  ControlNode(const ControlNode&) = delete;
  ControlNode& operator=(const ControlNode&) = delete;

  store::SessionOperations& operations() { return *operations_; }
  store::RecordStore& records() { return records_; }
  store::FleetOperations& fleet() { return *fleet_; }
  store::StreamMover& mover() { return *mover_; }
  rpc::InstanceLines& lines() { return lines_; }

 private:
  void restore(const Disk& disk, const domain::Context& context);
  void tick();
  void watch_fleet();
  void move_streams();
  // `what` now and again after each `interval`, as long as this process lives.
  void repeat(Duration interval, const std::function<void()>& what);

  Timeline& timeline_;
  const PlantedFault planted_;
  SimJournal journal_;
  store::MemoryStore store_;
  LatentStore records_;
  rpc::InstanceLines lines_;
  std::unique_ptr<store::SessionOperations> operations_;
  std::unique_ptr<store::FleetOperations> fleet_;
  std::unique_ptr<store::StreamMover> mover_;
  // One step at a time.
  bool moving_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weir::sim
