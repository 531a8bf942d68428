// control_svc in the simulation: the real rules, operations and store over a simulated disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "control_svc/domain/settings.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"
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
  ControlNode(Disk& disk, Timeline& timeline, Random& random, PlantedFault planted,
              const domain::Settings& settings, bool recovering, CommitWatch watch,
              store::NoticeSink notices);
  // Like a kill: nothing that is under way comes to anything.
  ~ControlNode();
  ControlNode(const ControlNode&) = delete;
  ControlNode& operator=(const ControlNode&) = delete;

  store::SessionOperations& operations() { return *operations_; }
  store::RecordStore& records() { return records_; }
  // The newest report of an incarnation that was taken; an older one is a repetition.
  std::uint64_t& reports_taken(const std::string& incarnation) { return reports_[incarnation]; }

 private:
  void restore(const Disk& disk, const domain::Context& context);
  void tick();

  Timeline& timeline_;
  const PlantedFault planted_;
  SimJournal journal_;
  store::MemoryStore store_;
  LatentStore records_;
  std::unique_ptr<store::SessionOperations> operations_;
  std::map<std::string, std::uint64_t> reports_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weir::sim
