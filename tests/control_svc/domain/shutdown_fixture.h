#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_rules.h"
#include "control_svc/domain/shutdown_rules.h"

namespace weir::control::domain {

// A fleet of ready instances "m0", "m1", … under decision.
class ShutdownTest : public testing::Test {
 protected:
  void grow(int count, const Load& load = {}) {
    for (int i = 0; i < count; ++i) {
      InstanceRecord record;
      record.instance_id = "m" + std::to_string(fleet_.instances.size());
      record.incarnation = "first";
      record.route.instance_id = record.instance_id;
      record.state = InstanceState::kActive;
      record.ready = true;
      record.load = load;
      record.started = clock_.now().wall - std::chrono::hours{24};
      fleet_.instances.push_back(std::make_shared<const InstanceRecord>(record));
    }
  }

  template <class Change>
  void change(const std::string& id, Change change) {
    for (InstanceSnapshot& each : fleet_.instances) {
      if (each->instance_id != id) continue;
      InstanceRecord record = *each;
      change(record);
      each = std::make_shared<const InstanceRecord>(record);
    }
  }

  const InstanceRecord& instance(const std::string& id) const { return *fleet_.find(id); }
  InstanceState state(const std::string& id) const { return instance(id).state; }

  static ShutdownRequest request(const std::string& id,
                                 ShutdownCause cause = ShutdownCause::kLifetime) {
    ShutdownRequest made;
    made.instance_id = id;
    if (cause != ShutdownCause::kOperator) made.incarnation = "first";
    made.cause = cause;
    return made;
  }

  // The answer; a refusal fails the test.
  ShutdownAnswer ask(const ShutdownRequest& asked) {
    auto ruling = decide_shutdown(fleet_, asked, settings_.shutdown, clock_.now());
    EXPECT_TRUE(ruling.answer) << "refused";
    take(ruling.decision);
    return ruling.answer ? *ruling.answer : ShutdownAnswer();
  }
  ShutdownAnswer ask(const std::string& id, ShutdownCause cause = ShutdownCause::kLifetime) {
    return ask(request(id, cause));
  }
  bool granted(const std::string& id, ShutdownCause cause = ShutdownCause::kLifetime) {
    return std::holds_alternative<Drain>(ask(id, cause));
  }
  ShutdownDenial denied(const ShutdownRequest& asked) {
    const ShutdownAnswer answer = ask(asked);
    EXPECT_TRUE(std::holds_alternative<ShutdownDenial>(answer)) << "granted";
    const auto* denial = std::get_if<ShutdownDenial>(&answer);
    return denial == nullptr ? ShutdownDenial() : *denial;
  }

  // Everybody but the silent is heard at this moment.
  void look() {
    std::vector<InstanceSighting> sightings;
    for (const InstanceSnapshot& each : fleet_.instances) {
      if (each->instance_id == silent_) continue;
      InstanceSighting sighting;
      sighting.instance_id = each->instance_id;
      sighting.incarnation = each->incarnation;
      sighting.heard = clock_.now().steady;
      sighting.ready = each->ready;
      sighting.load = each->load;
      sighting.left = each->instance_id == left_;
      sighting.drain_generation = each->drain_generation;
      sightings.push_back(sighting);
    }
    take(watch(fleet_, {.sightings = sightings, .listening_since = start_, .emptied = emptied_},
               settings_, clock_.now()));
  }

  void take(FleetDecision decision) {
    last_ = std::move(decision);
    if (last_.changed) fleet_ = last_.record;
  }

  FakeClock clock_;
  const SteadyTime start_ = clock_.now().steady;
  FleetSettings settings_;
  FleetRecord fleet_;
  FleetDecision last_;
  std::string silent_;
  std::string left_;
  std::vector<std::uint32_t> emptied_;
};

}  // namespace weir::control::domain
