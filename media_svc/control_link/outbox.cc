#include "media_svc/control_link/outbox.h"

#include <utility>

namespace weir::media::control_link {

void Outbox::hold(const Session& session) { held_.insert_or_assign(session.session_id, session); }

void Outbox::touch(const std::string& session_id) {
  if (holds(session_id)) touches_.insert(session_id);
}

void Outbox::release(const std::string& session_id) {
  if (!holds(session_id)) return;
  forget(session_id);
  releases_.push_back(session_id);
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

std::vector<std::string> Outbox::take_releases() {
  releases_under_way_.insert(releases_.begin(), releases_.end());
  return std::exchange(releases_, {});
}

void Outbox::release_lost(const std::string& session_id) {
  if (releases_under_way_.erase(session_id) > 0) releases_.push_back(session_id);
}

}  // namespace weir::media::control_link
