#include "control_svc/rpc/instance_lines.h"

#include <algorithm>
#include <utility>

namespace weir::control::rpc {

// Lines are told outside of the lock: they have one of their own, and may call back.

InstanceLines::Entry* InstanceLines::find(std::string_view instance_id,
                                          std::string_view incarnation) {
  return const_cast<Entry*>(std::as_const(*this).find(instance_id, incarnation));
}

const InstanceLines::Entry* InstanceLines::find(std::string_view instance_id,
                                                std::string_view incarnation) const {
  const auto found = entries_.find(instance_id);
  if (found == entries_.end()) return nullptr;
  return found->second.sighting.incarnation == incarnation ? &found->second : nullptr;
}

void InstanceLines::attach(const domain::InstanceHello& hello, std::shared_ptr<InstanceLine> line,
                           Duration report_interval, SteadyTime now) {
  std::shared_ptr<InstanceLine> before;
  bool same_process = false;
  {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_[hello.instance_id];
    same_process = entry.sighting.incarnation == hello.incarnation;
    before = std::exchange(entry.line, std::move(line));
    if (!same_process) {
      entry.sighting = {};
      entry.sighting.instance_id = hello.instance_id;
      entry.sighting.incarnation = hello.incarnation;
      entry.events_taken = 0;
    }
    entry.sighting.report_interval = report_interval;
    entry.sighting.left = false;
    entry.sighting.heard = now;
  }
  if (before) {
    before->close(same_process ? InstanceLine::CloseReason::kReplaced
                               : InstanceLine::CloseReason::kStale);
  }
}

void InstanceLines::detach(std::string_view instance_id, const InstanceLine* line) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(instance_id);
  if (found != entries_.end() && found->second.line.get() == line) found->second.line.reset();
}

void InstanceLines::heard(std::string_view instance_id, std::string_view incarnation,
                          SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  if (Entry* entry = find(instance_id, incarnation)) entry->sighting.heard = now;
}

void InstanceLines::reported(const domain::InstanceSighting& report) {
  const std::scoped_lock lock(mutex_);
  Entry* entry = find(report.instance_id, report.incarnation);
  if (entry == nullptr) return;
  const Duration told = entry->sighting.report_interval;
  entry->sighting = report;
  entry->sighting.report_interval = told;
}

bool InstanceLines::left(std::string_view instance_id, std::string_view incarnation) {
  const std::scoped_lock lock(mutex_);
  Entry* entry = find(instance_id, incarnation);
  if (entry == nullptr) return false;
  entry->sighting.left = true;
  return entry->sighting.drain_generation > 0;
}

std::int64_t InstanceLines::events_taken(std::string_view instance_id,
                                         std::string_view incarnation) const {
  const std::scoped_lock lock(mutex_);
  const Entry* entry = find(instance_id, incarnation);
  return entry == nullptr ? 0 : entry->events_taken;
}

void InstanceLines::note_events_taken(std::string_view instance_id, std::string_view incarnation,
                                      std::int64_t sequence) {
  const std::scoped_lock lock(mutex_);
  Entry* entry = find(instance_id, incarnation);
  // What was under way on a line that was replaced comes late.
  if (entry != nullptr) entry->events_taken = std::max(entry->events_taken, sequence);
}

std::shared_ptr<InstanceLine> InstanceLines::line_to(std::string_view instance_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(instance_id);
  return found == entries_.end() ? nullptr : found->second.line;
}

void InstanceLines::tell(const domain::EndNotice& notice) const {
  if (const auto line = line_to(notice.instance_id.view())) line->end_session(notice);
}

void InstanceLines::tell(const domain::MoveOrder& order) const {
  if (const auto line = line_to(order.instance_id)) line->move(order);
}

void InstanceLines::tell(const domain::InstanceRecord& instance) const {
  std::shared_ptr<InstanceLine> line;
  {
    const std::scoped_lock lock(mutex_);
    const Entry* entry = find(instance.instance_id, instance.incarnation);
    if (entry != nullptr) line = entry->line;
  }
  if (line) line->order(instance);
}

bool InstanceLines::attached(std::string_view instance_id) const {
  return line_to(instance_id) != nullptr;
}

void InstanceLines::drop(const domain::LostIncarnation& lost) {
  std::shared_ptr<InstanceLine> line;
  {
    const std::scoped_lock lock(mutex_);
    if (Entry* entry = find(lost.instance_id, lost.incarnation)) line = std::move(entry->line);
  }
  if (line) line->close(InstanceLine::CloseReason::kLost);
}

void InstanceLines::close_all() {
  std::vector<std::shared_ptr<InstanceLine>> lines;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [id, entry] : entries_) {
      if (entry.line) lines.push_back(std::move(entry.line));
    }
  }
  for (const auto& line : lines) line->close(InstanceLine::CloseReason::kStopping);
}

std::vector<domain::InstanceSighting> InstanceLines::sightings(
    const domain::FleetSettings& settings, SteadyTime now) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(entries_, [&](const auto& each) {
      const domain::InstanceSighting& sighting = each.second.sighting;
      // Silence beyond the lease says no more than the lease does.
      const Duration kept = 2 * settings.rhythm_at(sighting.report_interval).lease;
      return !each.second.line && now - sighting.heard > kept;
    });
  }
  return sightings();
}

std::vector<domain::InstanceSighting> InstanceLines::sightings() const {
  const std::scoped_lock lock(mutex_);
  std::vector<domain::InstanceSighting> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(entry.sighting);
  return all;
}

std::optional<domain::InstanceSighting> InstanceLines::sighting(
    std::string_view instance_id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(instance_id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.sighting;
}

}  // namespace weir::control::rpc
