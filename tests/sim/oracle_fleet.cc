// What the oracle knows of media instances.
#include <fmt/format.h>

#include "tests/sim/oracle.h"

namespace weir::sim {

using domain::InstanceEventType;

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
    lost_.emplace(holder, timeline_.now());
    ++instances_lost_;
  } else {
    lost_.erase(holder);
  }
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

// What a lost process published waits for its next connection; one that never started ends by its
// start timeout.
void Oracle::check_lost(const Book& book, const std::string& id, std::uint32_t holder) {
  const auto lost = lost_.find(holder);
  if (lost == lost_.end() || timeline_.now() - lost->second < 2 * kDecisionAge) return;
  const bool waits = book.interrupted || book.state == domain::SessionState::kPending;
  if (!book.live() || book.kind == domain::SessionKind::kPlay || waits) return;
  fail(fmt::format("of instances: {} goes on although its instance is lost", id),
       {book.user, id, book.stream});
}

}  // namespace weir::sim
