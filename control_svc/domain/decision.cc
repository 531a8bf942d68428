#include "control_svc/domain/decision.h"

#include <algorithm>

namespace weir::control::domain {

RecordChange::RecordChange(UserRecord&& record, const Context& context)
    : record_(std::move(record)), context_(context), happened_(context.now.wall) {
  settle();
}

RecordChange::RecordChange(UserRecord&& record, const Context& context, const SessionId& only)
    : record_(std::move(record)), context_(context), happened_(context.now.wall) {
  Session* session = find(only);
  if (session == nullptr) return;
  end_if_overdue(*session);
  if (session->live() || context_.now.steady < session->lease.deadline) return;
  std::erase_if(record_.sessions, [&only](const Session& each) { return each.id == only; });
  keep();
}

UserRecord& RecordChange::edit() {
  keep();
  return record_;
}

bool RecordChange::step(Session& session, SessionInput input) {
  const SessionStep taken = domain::step(session, input, context_);
  changed_ = changed_ || taken.changed;
  if (taken.event) note(*taken.event, session);
  return !taken.refused;
}

void RecordChange::end(Session& session, EndReason reason, std::string_view ended_by,
                       std::string_view message) {
  end(session, {reason, happened_, ended_by, message});
}

void RecordChange::end(Session& session, const Ending& ending) {
  tell_holder(session, ending.reason, ending.message);
  domain::end(session, ending, context_);
  note(end_event(ending.reason), session);
}

void RecordChange::happened(const Session& session, WallTime told) {
  happened_ = std::max(std::min(told, context_.now.wall), session.created);
}

void RecordChange::finish(Session& session, EndReason reason, std::string_view message) {
  domain::end(session, {.reason = reason, .time = happened_, .message = message}, context_);
  note(end_event(reason), session);
}

void RecordChange::note(EventType type, const Session& session) {
  keep();
  events_.push_back({type, record_.user_id, session, happened_});
}

void RecordChange::describe(Session& session, MediaSnapshot media) {
  if (session.kind != SessionKind::kPublish || media == nullptr) return;
  if (session.media != nullptr && *session.media == *media) return;
  session.media = std::move(media);
  changed_ = true;
}

void RecordChange::tell_holder(const Session& session, EndReason reason, std::string_view message) {
  if (session.instance_id().empty()) return;
  notices_.push_back(
      {Text(session.instance_id()), session.id, session.epoch, reason, Text(message)});
}

void RecordChange::keep() {
  changed_ = true;
  lasting_ = true;
}

void RecordChange::end_if_overdue(Session& session) {
  if (!overdue(session, context_.now.steady)) return;
  end(session, {lapse_reason(session), on_wall(session.lease.deadline, context_.now)});
}

void RecordChange::settle() {
  const SteadyTime now = context_.now.steady;
  for (Session& session : record_.sessions) end_if_overdue(session);
  const std::size_t gone =
      std::erase_if(record_.sessions,
                    [now](const Session& session) {
                      return !session.live() && now >= session.lease.deadline;
                    }) +
      std::erase_if(record_.requests,
                    [now](const RememberedRequest& request) { return now >= request.until; }) +
      std::erase_if(record_.blocks, [now](const Block& block) { return now >= block.until; });
  if (gone > 0) keep();
  trim();
}

// Sessions lie in the order of their admission: near enough to drop the oldest.
void RecordChange::trim() {
  const auto ended = static_cast<std::size_t>(
      std::ranges::count_if(record_.sessions, [](const Session& s) { return !s.live(); }));
  const std::size_t most = context_.settings.max_tombstones_per_user;
  std::size_t surplus = ended > most ? ended - most : 0;
  if (surplus == 0) return;
  keep();
  std::erase_if(record_.sessions, [&surplus](const Session& session) {
    if (session.live() || surplus == 0) return false;
    --surplus;
    return true;
  });
}

Session as_seen(Session session, const Context& context) {
  if (overdue(session, context.now.steady)) {
    session.end_reason = lapse_reason(session);
    session.ended = std::max(on_wall(session.lease.deadline, context.now), session.created);
  }
  session.state = visible_state(session, context.settings, context.now.steady);
  return session;
}

UserSession as_seen(const UserRecord& record, const Session& session, const Context& context) {
  return {record.user_id, as_seen(session, context)};
}

}  // namespace weir::control::domain
