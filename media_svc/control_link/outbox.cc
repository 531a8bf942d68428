#include "media_svc/control_link/outbox.h"

namespace weir::media::control_link {

void Outbox::hold(const Session& session) { held_.insert_or_assign(session.session_id, session); }

void Outbox::touch(const std::string& session_id) {
  if (holds(session_id)) touches_.insert(session_id);
}

void Outbox::end(const std::string& session_id, MediaEnd how) {
  const auto held = held_.find(session_id);
  if (held == held_.end()) return;
  const std::int64_t sequence = ++last_sequence_;
  ends_.emplace(sequence, PendingEnd{.report = {.sequence = sequence,
                                                .session_id = session_id,
                                                .epoch = held->second.epoch,
                                                .how = how}});
  ++waiting_ends_;
  forget(session_id);
}

void Outbox::forget(const std::string& session_id) {
  touches_.erase(session_id);
  held_.erase(session_id);
}

std::vector<std::string> Outbox::take_touches(std::size_t limit) {
  std::vector<std::string> taken;
  while (!touches_.empty() && taken.size() < limit) {
    taken.push_back(std::move(touches_.extract(touches_.begin()).value()));
  }
  return taken;
}

std::vector<EndReport> Outbox::take_ends() {
  std::vector<EndReport> taken;
  for (auto& [sequence, end] : ends_) {
    if (end.under_way) continue;
    end.under_way = true;
    taken.push_back(end.report);
  }
  waiting_ends_ = 0;
  return taken;
}

void Outbox::end_taken(std::int64_t sequence) { ends_.erase(sequence); }

void Outbox::end_lost(std::int64_t sequence) {
  const auto found = ends_.find(sequence);
  if (found == ends_.end() || !found->second.under_way) return;
  found->second.under_way = false;
  ++waiting_ends_;
}

}  // namespace weir::media::control_link
