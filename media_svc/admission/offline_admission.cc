#include "media_svc/admission/offline_admission.h"

#include <utility>

namespace weir::media::admission {

void OfflineAdmission::started(const HeldSession& session, std::string_view identity) {
  int connections = 1;
  const auto known = by_stream_.find(session.stream_id);
  if (known != by_stream_.end()) {
    const HeldSession& held = known->second.session;
    // A late word about a publisher that has been replaced.
    if (held.epoch > session.epoch) return;
    const bool same = held.session_id == session.session_id && held.epoch == session.epoch;
    if (same) connections += known->second.connections;
    stream_of_session_.erase(held.session_id);
  }
  by_stream_[session.stream_id] = {.session = session,
                                   .identity = std::string(identity),
                                   .connections = connections,
                                   .lost_at = std::nullopt};
  stream_of_session_[session.session_id] = session.stream_id;
}

void OfflineAdmission::lost(std::string_view session_id, std::int64_t epoch, SteadyTime now) {
  const auto found = find(session_id);
  if (found == by_stream_.end() || found->second.session.epoch != epoch) return;
  Memory& memory = found->second;
  if (memory.connections > 0) --memory.connections;
  if (memory.connections > 0) return;
  memory.lost_at = now;
  gone_.push_back({std::string(session_id), now});
  forget(now);
}

void OfflineAdmission::forget(SteadyTime now) {
  while (!gone_.empty() &&
         (gone_.size() > limits_.max_remembered || now - gone_.front().at > limits_.memory)) {
    const auto memory = find(gone_.front().session_id);
    if (memory != by_stream_.end() && memory->second.lost_at == gone_.front().at) erase(memory);
    gone_.pop_front();
  }
}

void OfflineAdmission::ended(std::string_view session_id, std::int64_t epoch) {
  const auto memory = find(session_id);
  // An older connection's end says nothing of the newer one's.
  if (memory == by_stream_.end()) return;
  if (epoch != 0 && memory->second.session.epoch > epoch) return;
  erase(memory);
}

void OfflineAdmission::erase(Memories::iterator memory) {
  stream_of_session_.erase(memory->second.session.session_id);
  by_stream_.erase(memory);
}

const HeldSession* OfflineAdmission::resume(std::string_view stream_id, std::string_view identity,
                                            SteadyTime now) const {
  const auto memory = by_stream_.find(std::string(stream_id));
  if (memory == by_stream_.end() || outdated(memory->second, now)) return nullptr;
  return memory->second.identity == identity ? &memory->second.session : nullptr;
}

void OfflineAdmission::control_lost(SteadyTime now) {
  if (!control_lost_at_) control_lost_at_ = now;
}

void OfflineAdmission::control_back() {
  control_lost_at_.reset();
  players_ = 0;
}

bool OfflineAdmission::admit_player(SteadyTime now) {
  if (!control_lost_at_ || now - *control_lost_at_ > limits_.players_for) return false;
  if (players_ >= limits_.max_players) return false;
  ++players_;
  return true;
}

OfflineAdmission::Memories::iterator OfflineAdmission::find(std::string_view session_id) {
  const auto stream = stream_of_session_.find(std::string(session_id));
  return stream == stream_of_session_.end() ? by_stream_.end() : by_stream_.find(stream->second);
}

bool OfflineAdmission::outdated(const Memory& memory, SteadyTime now) const {
  return memory.lost_at && now - *memory.lost_at > limits_.memory;
}

}  // namespace weir::media::admission
