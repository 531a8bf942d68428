#include "media_svc/control_link/outbox.h"

#include <limits>
#include <utility>

namespace weir::media::control_link {

void Outbox::hold(const Session& session, AdmissionRequest admission) {
  admission.credential.clear();
  admission.user_id = session.user_id;
  const auto [held, is_new] = held_.try_emplace(
      key_of(session), Held{.session = session, .admission = std::move(admission)});
  if (!is_new) ++held->second.holders;
}

void Outbox::let_go(const SessionKey& session) {
  const auto held = held_.find(session);
  if (held == held_.end() || --held->second.holders > 0) return;
  held_.erase(held);
  touches_.erase(session.session_id);
}

void Outbox::give_back(const SessionKey& session) {
  if (!holds(session)) return;
  let_go(session);
  if (!holds(session)) releases_.push_back(session.session_id);
}

void Outbox::ended_by_control(const std::string& session_id, std::int64_t epoch) {
  const SessionKey newest{.session_id = session_id,
                          .epoch = epoch == 0 ? std::numeric_limits<std::int64_t>::max() : epoch};
  const auto first = held_.lower_bound({.session_id = session_id, .epoch = 0});
  held_.erase(first, held_.upper_bound(newest));
  touches_.erase(session_id);
}

std::vector<const Outbox::Held*> Outbox::held_after(const SessionKey* previous,
                                                    std::size_t limit) const {
  std::vector<const Held*> batch;
  auto next = previous ? held_.upper_bound(*previous) : held_.begin();
  for (; next != held_.end() && batch.size() < limit; ++next) batch.push_back(&next->second);
  return batch;
}

void Outbox::touch(const SessionKey& session) {
  if (holds(session)) touches_.insert(session.session_id);
}

void Outbox::report(const SessionKey& session, SessionReport report, WallTime now,
                    MediaSummary media) {
  const auto held = held_.find(session);
  if (held == held_.end()) return;
  held->second.media = media;
  // A renewal from before the silence must not arrive after it.
  if (report != SessionReport::kStarted) touches_.erase(session.session_id);
  events_.push_back({.sequence = ++last_sequence_,
                     .session = session,
                     .report = report,
                     .time = now,
                     .media = std::move(media)});
}

std::vector<std::string> Outbox::take_touches(std::size_t limit) {
  std::vector<std::string> taken;
  while (!touches_.empty() && taken.size() < limit) {
    taken.push_back(std::move(touches_.extract(touches_.begin()).value()));
  }
  return taken;
}

const Outbox::Event* Outbox::next_event() {
  return has_event_to_send() ? &events_[events_sent_++] : nullptr;
}

void Outbox::events_taken(std::int64_t sequence) {
  while (!events_.empty() && events_.front().sequence <= sequence) {
    events_.pop_front();
    if (events_sent_ > 0) --events_sent_;
  }
}

void Outbox::resend() { events_sent_ = 0; }

std::vector<std::string> Outbox::take_releases() {
  releases_under_way_.insert(releases_.begin(), releases_.end());
  return std::exchange(releases_, {});
}

void Outbox::release_lost(const std::string& session_id) {
  if (releases_under_way_.erase(session_id) > 0) releases_.push_back(session_id);
}

}  // namespace weir::media::control_link
