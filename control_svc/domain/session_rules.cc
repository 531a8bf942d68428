#include "control_svc/domain/session_rules.h"

#include <string>
#include <utility>

#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

Refusal not_found() { return refuse(RefusalReason::kSessionNotFound, "there is no such session"); }

Refusal ended(const Session& session) {
  Refusal refusal = refuse(RefusalReason::kSessionEnded, "the session has ended");
  refusal.end_reason = session.end_reason;
  refusal.ended_by = std::string(session.texts.view().ended_by);
  return refusal;
}

Refusal stale() {
  return refuse(RefusalReason::kStaleEpoch, "another connection holds the session");
}

UserSession seen(const RecordChange& change, const Session& session, const Context& context) {
  return as_seen(change.record(), session, context);
}

// The rules below change a live session through this: it is looked up in a record that is already
// settled, and `change` outlives the pointer.
class Target {
 public:
  Target(RecordChange& change, const SessionId& id) : session_(change.find(id)) {}

  Session* operator->() const { return session_; }
  Session& operator*() const { return *session_; }
  bool missing() const { return session_ == nullptr; }
  // Set when there is nothing live to change.
  std::optional<Refusal> obstacle() const {
    if (missing()) return not_found();
    if (!session_->live()) return ended(*session_);
    return std::nullopt;
  }

 private:
  Session* session_;
};

Decision<UserSession> step_session(UserRecord record, const SessionId& id, SessionInput input,
                                   const Context& context) {
  RecordChange change(std::move(record), context, id);
  const Target target(change, id);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  if (!change.step(*target, input)) {
    return {std::move(change),
            refuse(RefusalReason::kInvalidState, input == SessionInput::kPause
                                                     ? "only a player that has started can pause"
                                                     : "only a paused session can be resumed")};
  }
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

EndReason end_reason_of(SessionReport::Kind kind) {
  return kind == SessionReport::Kind::kCompleted ? EndReason::kCompleted : EndReason::kFailed;
}

}  // namespace

Decision<UserSession> touch(UserRecord record, const SessionId& id, const TouchRequest& request,
                            const Context& context) {
  const Session* held = record.find(id);
  std::optional<Refusal> mismatch;
  if (held != nullptr && record.user_id != std::string_view(request.user_id)) {
    mismatch = refuse(RefusalReason::kUserMismatch, "the session is another user's");
  } else if (held != nullptr && held->stream_id() != request.stream_id) {
    mismatch = refuse(RefusalReason::kStreamMismatch, "the session is for another stream");
  }
  if (mismatch) return {RecordChange(std::move(record), context), *std::move(mismatch)};
  return step_session(std::move(record), id, SessionInput::kTouch, context);
}

Decision<UserSession> touch_in_bulk(UserRecord record, const SessionId& id, std::uint32_t holder,
                                    const Context& context) {
  const Session* held = record.find(id);
  if (held != nullptr && held->live() && holder != 0 && held->lease.holder != holder) {
    return {RecordChange(std::move(record), context), stale()};
  }
  return step_session(std::move(record), id,
                      holder == 0 ? SessionInput::kBulkTouch : SessionInput::kHolderTouch, context);
}

Decision<UserSession> pause(UserRecord record, const SessionId& id, const Context& context) {
  return step_session(std::move(record), id, SessionInput::kPause, context);
}

Decision<UserSession> resume(UserRecord record, const SessionId& id, const Context& context) {
  return step_session(std::move(record), id, SessionInput::kResume, context);
}

Decision<SwitchAnswer> switch_stream(UserRecord record, const SessionId& id,
                                     const SwitchRequest& request, const Route& place,
                                     const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  if (target->kind == SessionKind::kPublish) {
    return {std::move(change),
            refuse(RefusalReason::kInvalidState, "a publish session keeps its stream")};
  }
  if (auto blocked =
          blocked_from(change.record(), request.stream_id, SessionKind::kPlay, context.now)) {
    return {std::move(change), *std::move(blocked)};
  }
  if (target->stream_id() != request.stream_id) {
    change.tell_holder(*target, EndReason::kSwitched);
    move_to_stream(*target, request.stream_id, context);
    change.note(EventType::kSwitched, *target);
  }
  SwitchAnswer answer{seen(change, *target, context), place};
  return {std::move(change), std::move(answer)};
}

std::optional<Refusal> refuse_ended(const UserRecord& record, const SessionId& id) {
  const Session* session = record.find(id);
  if (session == nullptr) return not_found();
  if (!session->live()) return ended(*session);
  return std::nullopt;
}

Decision<UserSession> look_up(UserRecord record, const SessionId& id, const Context& context) {
  RecordChange change(std::move(record), context, id);
  const Target target(change, id);
  if (target.missing()) return {std::move(change), not_found()};
  UserSession answer = seen(change, *target, context);
  return Decision<UserSession>(std::move(change), std::move(answer)).read_only();
}

Decision<UserSession> release(UserRecord record, const SessionId& id, const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (target.missing()) return {std::move(change), not_found()};
  if (target->live()) change.end(*target, EndReason::kReleased);
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<UserSession> kick(UserRecord record, const SessionId& id, const KickRequest& request,
                           const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (target.missing()) return {std::move(change), not_found()};
  const Duration out = request.block_duration.value_or(context.settings.kick_block);
  if (out > Duration{0}) {
    add_block(change.edit(),
              {.stream_id = request.whole_user ? Text() : Text(target->stream_id()),
               .message = Text(request.message),
               .until = context.now.steady + out,
               .kind = target->kind},
              context.settings);
  }
  if (target->live()) change.end(*target, EndReason::kKicked, request.by, request.message);
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<UserSession> report(UserRecord record, const SessionReport& report,
                             const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, report.session);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  if (target->epoch != report.epoch ||
      target->lease.holder != holder_digest(report.instance_id, report.incarnation)) {
    return {std::move(change), stale()};
  }
  if (report.time) change.happened(*target, *report.time);
  change.describe(*target, report.media);
  switch (report.kind) {
    case SessionReport::Kind::kStarted:
      change.step(*target, SessionInput::kStarted);
      break;
    case SessionReport::Kind::kInterrupted:
      if (report.cut_by_drain) change.edit().find(report.session)->cut_by_drain = true;
      change.step(*target, SessionInput::kInterrupt);
      break;
    case SessionReport::Kind::kCompleted:
    case SessionReport::Kind::kFailed:
      change.finish(*target, end_reason_of(report.kind), report.message);
      break;
  }
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<UserSession> replace(UserRecord record, const SessionId& id, const SessionId& by,
                              const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  change.end(*target, EndReason::kReplaced, by.str());
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<UserSession> instance_gone(UserRecord record, const SessionId& id, std::uint32_t holder,
                                    bool cut_by_drain, const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  if (target->lease.holder != holder) return {std::move(change), stale()};
  if (cut_by_drain) change.edit().find(id)->cut_by_drain = true;
  change.step(*target, SessionInput::kInterrupt);
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<UserSession> ask_to_move(UserRecord record, const SessionId& id, std::uint32_t holder,
                                  const Context& context) {
  RecordChange change(std::move(record), context);
  const Target target(change, id);
  if (auto obstacle = target.obstacle()) return {std::move(change), *std::move(obstacle)};
  if (target->lease.holder != holder) return {std::move(change), stale()};
  if (target->kind != SessionKind::kPublish || target->interrupted) {
    return {std::move(change),
            refuse(RefusalReason::kInvalidState, "no publisher is connected to it")};
  }
  if (!target->moving) change.edit().find(id)->moving = true;
  UserSession answer = seen(change, *target, context);
  return {std::move(change), std::move(answer)};
}

Decision<bool> expire(UserRecord record, const Context& context) {
  RecordChange change(std::move(record), context);
  return {std::move(change), true};
}

}  // namespace weir::control::domain
