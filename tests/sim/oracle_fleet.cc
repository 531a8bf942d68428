// What the oracle knows of media instances.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/oracle.h"

namespace weir::sim {

using domain::InstanceEventType;

namespace {

// Control looks at the fleet every second, and a commit takes its time.
constexpr Duration kDrainEndsWithin{4'000};

// By the record; what an instance says of its readiness is on none that the books are shown.
bool closed(const domain::InstanceRecord& instance) {
  return instance.cordoned || instance.state != domain::InstanceState::kActive;
}

}  // namespace

void Oracle::instance_heard(const std::string& instance, const std::string& incarnation) {
  Process& process = processes_[instance];
  if (process.incarnation != incarnation) process = {incarnation, {}};
  process.heard.push_back(timeline_.now());
  // The last one that a decision made now can't have missed, and all that came later.
  while (process.heard.size() > 1 && process.heard[1] < timeline_.now() - kDecisionAge) {
    process.heard.pop_front();
  }
}

void Oracle::held_asserted(const std::string& session) {
  asserted_.insert(session);
  const auto book = books_.find(session);
  if (book != books_.end()) book->second.asserted = true;
}

void Oracle::instance_event(const domain::InstanceEvent& event) {
  ++events_seen_;
  const domain::InstanceRecord& instance = *event.instance;
  const std::uint32_t holder = domain::holder_digest(instance.instance_id, instance.incarnation);
  if (event.type == InstanceEventType::kLost) {
    lost_.try_emplace(holder, LostProcess{instance.instance_id, timeline_.now()});
    ++instances_lost_;
  } else {
    lost_.erase(holder);
  }
  if (event.type == InstanceEventType::kDrainCancelled) ++drains_cancelled_;
  check_silence(event);
}

// An instance is given up for its silence only once that has lasted, or for a newer process.
void Oracle::check_silence(const domain::InstanceEvent& event) {
  const domain::InstanceRecord& instance = *event.instance;
  const bool lost = event.type == InstanceEventType::kLost;
  if (!lost && event.type != InstanceEventType::kUnreachable) return;
  const auto process = processes_.find(instance.instance_id);
  if (process == processes_.end() || process->second.incarnation != instance.incarnation) return;
  const SteadyTime heard = process->second.heard.front();
  const Duration silence = timeline_.now() - heard;
  if (heard >= timeline_.now() - kDecisionAge) return;
  const domain::ReportRhythm rhythm = fleet_.rhythm_at(fleet_.report_interval);
  if (silence >= (lost ? rhythm.lease : rhythm.unreachable_after())) return;
  fail(fmt::format("of instances: {} is {} after a silence of {} ms", instance.incarnation,
                   lost ? "lost" : "unreachable", silence.count()),
       {instance.instance_id});
}

void Oracle::fleet_committed(const domain::FleetRecord& fleet) {
  // Instances keep their order, and new ones come last.
  std::size_t at = 0;
  for (const domain::InstanceSnapshot& instance : fleet.instances) {
    domain::InstanceSnapshot before;
    if (known_fleet_) {
      const auto& known = known_fleet_->instances;
      const auto found = std::find_if(known.begin() + static_cast<std::ptrdiff_t>(at), known.end(),
                                      [&](const domain::InstanceSnapshot& each) {
                                        return each->instance_id == instance->instance_id;
                                      });
      if (found != known.end()) {
        const auto place = static_cast<std::size_t>(found - known.begin());
        look_for_forgotten(fleet, at, place);
        at = place + 1;
        before = *found;
      }
    }
    if (before != instance) instance_committed(fleet, before, *instance);
  }
  if (known_fleet_) {
    look_for_forgotten(fleet, at, known_fleet_->instances.size());
  } else {
    // What was forgotten while nobody looked.
    std::erase_if(lost_,
                  [&](const auto& entry) { return fleet.find(entry.second.instance) == nullptr; });
  }
  known_fleet_ = fleet;
}

// Control owes nothing any more to what it has forgotten; but it remembers for long enough.
void Oracle::look_for_forgotten(const domain::FleetRecord& fleet, std::size_t first,
                                std::size_t last) {
  for (std::size_t place = first; place < last; ++place) {
    const domain::InstanceRecord& instance = *known_fleet_->instances[place];
    if (fleet.find(instance.instance_id) != nullptr) continue;
    lost_.erase(domain::holder_digest(instance.instance_id, instance.incarnation));
    const auto gone = gone_since_.find(instance.instance_id);
    if (gone == gone_since_.end() ||
        timeline_.now() - gone->second < fleet_.tombstone - kDecisionAge) {
      fail(fmt::format("of instances: {} is forgotten before its tombstone is over",
                       instance.incarnation),
           {instance.instance_id});
    }
    gone_since_.erase(instance.instance_id);
  }
}

void Oracle::instance_committed(const domain::FleetRecord& fleet,
                                const domain::InstanceSnapshot& before,
                                const domain::InstanceRecord& instance) {
  if (closed(instance)) {
    closed_since_.try_emplace(instance.instance_id, timeline_.now());
  } else {
    closed_since_.erase(instance.instance_id);
  }
  if (instance.gone()) {
    // When it went before a restart is on record by the wall clock, which may have been set.
    const SteadyTime long_ago{};
    gone_since_.try_emplace(instance.instance_id, known_fleet_ ? timeline_.now() : long_ago);
  } else {
    gone_since_.erase(instance.instance_id);
  }
  if (!known_fleet_) return;
  const bool same_process = before && before->incarnation == instance.incarnation;
  if (same_process) check_drain(*before, instance);
  const bool drained = same_process && before->drain.has_value();
  if (!instance.drain || drained) return;
  ++drains_begun_;
  if (!domain::is_urgent(instance.drain->cause)) check_choice(fleet, instance);
}

// What SIGTERM began is not taken back, and what goes on goes on for no longer.
void Oracle::check_drain(const domain::InstanceRecord& before,
                         const domain::InstanceRecord& instance) {
  if (!before.drain || before.gone()) return;
  if (!instance.drain && domain::is_urgent(before.drain->cause)) {
    return fail("of instances: a drain that SIGTERM began is taken back", {instance.instance_id});
  }
  if (!instance.drain || !domain::is_urgent(instance.drain->cause)) return;
  if (instance.drain->deadline > before.drain->deadline) {
    fail("of instances: SIGTERM lengthens a drain", {instance.instance_id});
  }
}

// A drain by choice leaves enough: of the fleet, and of those who take streams.
void Oracle::check_choice(const domain::FleetRecord& fleet,
                          const domain::InstanceRecord& instance) {
  if (fleet.freeze && timeline_.now() < fleet.freeze->until) {
    fail("of instances: a drain begins although drains are frozen", {instance.instance_id});
  }
  if (forced_.contains(instance.instance_id)) return;
  std::int64_t members = 0;
  std::int64_t leaving = 0;
  std::int64_t ready = 0;
  for (const domain::InstanceSnapshot& each : fleet.instances) {
    if (each->gone()) continue;
    ++members;
    if (each->drain) ++leaving;
    if (each->takes_streams() && !each->drain) ++ready;
  }
  const double share = fleet_.shutdown.max_draining_fraction * static_cast<double>(members);
  const auto allowed = std::max<std::int64_t>(1, std::llround(std::floor(share)));
  if (leaving > allowed) {
    fail(fmt::format("of instances: {} of {} drain, by choice", leaving, members),
         {instance.instance_id});
  }
  if (ready < fleet_.shutdown.min_ready) {
    fail("of instances: nobody is left, by choice", {instance.instance_id});
  }
}

void Oracle::shutdown_answered(const domain::ShutdownRequest& request,
                               const domain::ShutdownAnswer& answer) {
  if (!std::holds_alternative<domain::ShutdownDenial>(answer)) return;
  ++drains_denied_;
  if (domain::is_urgent(request.cause)) {
    fail("of instances: a SIGTERM is denied", {request.instance_id});
  }
}

void Oracle::move_ordered(const domain::MoveOrder& order) {
  ++moves_ordered_;
  const auto closed = closed_since_.find(order.target.instance_id);
  if (closed == closed_since_.end() || timeline_.now() - closed->second < kDecisionAge) return;
  fail(fmt::format("of instances: {} is sent to {}, which takes no streams", order.session.str(),
                   order.target.instance_id),
       {order.session.str(), order.instance_id, order.target.instance_id});
}

// An application's new publisher is sent to an instance that takes streams.
void Oracle::check_place(const domain::AdmitRequest& request, SteadyTime asked,
                         const domain::AdmitAnswer& answer) {
  const bool placed = request.instance_id.empty() &&
                      request.kind == domain::SessionKind::kPublish && !answer.resumed &&
                      !answer.repeated;
  if (!placed) return;
  const auto closed = closed_since_.find(answer.route.instance_id);
  if (closed == closed_since_.end() || asked - closed->second < kDecisionAge) return;
  fail(fmt::format("of instances: {} is placed on {}, which takes no streams",
                   answer.session.id.str(), answer.route.instance_id),
       {request.user_id, answer.session.id.str(), answer.route.instance_id});
}

void Oracle::check_drain_ends() {
  if (!known_fleet_ || timeline_.now() - control_up_since_ < kDrainEndsWithin) return;
  for (const domain::InstanceSnapshot& instance : known_fleet_->instances) {
    const bool over = instance->drain && !instance->gone() &&
                      instance->state != domain::InstanceState::kUnreachable &&
                      timeline_.now() - instance->drain->deadline > kDrainEndsWithin;
    if (over) fail("of instances: a drain outlasts its deadline", {instance->instance_id});
  }
}

// What a lost process published waits for its next connection; one that never started ends by its
// start timeout.
void Oracle::check_lost(const Book& book, const std::string& id, std::uint32_t holder) {
  const auto lost = lost_.find(holder);
  if (lost == lost_.end() || timeline_.now() - lost->second.since < 2 * kDecisionAge) return;
  const bool waits = book.interrupted || book.state == domain::SessionState::kPending;
  if (!book.live() || book.kind == domain::SessionKind::kPlay || waits) return;
  fail(fmt::format("of instances: {} goes on although its instance is lost", id),
       {book.user, id, book.stream, lost->second.instance});
}

}  // namespace weir::sim
