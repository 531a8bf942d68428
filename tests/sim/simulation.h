// A world with its inhabitants and its mishaps, run step by step until something is wrong.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/instance.h"
#include "tests/sim/person.h"
#include "tests/sim/world.h"

namespace weir::sim {

class Simulation {
 public:
  explicit Simulation(const WorldSettings& settings);

  // One thing happens. False once an invariant is broken.
  bool step();
  // The broken invariant, and what led to it.
  std::string failure() const;

  std::uint64_t steps() const { return steps_; }
  Duration virtual_time() { return world_.timeline().now() - started_; }
  World& world() { return world_; }

 private:
  void come_back(const StreamWish& wish);
  void go_to(const std::string& instance, const StreamWish& wish);
  // Plans `mishap` again and again, `mean` apart on average.
  void plan(Duration mean, void (Simulation::*mishap)());
  void crash_control();
  void crash_instance() { any_instance().crash(); }
  void cut_off_somebody();
  void jump_wall();
  void terminate_somebody() { any_instance().terminate(); }
  void make_somebody_ill();
  void operate();
  Instance& any_instance() { return *instances_[world_.random().below(instances_.size())]; }

  World world_;
  const SteadyTime started_;
  std::vector<std::unique_ptr<Person>> people_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::map<std::string, Instance*> by_name_;
  std::uint64_t steps_ = 0;
};

// The smallest world of the same seed that still fails, found by leaving out half of it again and
// again.
WorldSettings shrink(WorldSettings failing, std::uint64_t most_steps);

}  // namespace weir::sim
