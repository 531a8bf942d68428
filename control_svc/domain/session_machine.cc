#include "control_svc/domain/session_machine.h"

#include <algorithm>

namespace weir::control::domain {
namespace {

Duration max_duration(const Session& session, const Settings& settings) {
  return session.kind == SessionKind::kPublish ? settings.max_publish_duration
                                               : settings.max_play_duration;
}

SteadyTime deadline_of(const Session& session, const Context& context) {
  const Settings& settings = context.settings;
  const SteadyTime now = context.now.steady;
  switch (session.state) {
    case SessionState::kPending:
      return now + settings.start_timeout;
    case SessionState::kPaused:
      return now + settings.pause_limit;
    default:
      if (session.interrupted && session.kind == SessionKind::kPublish) {
        return now + settings.publish_reconnect_grace;
      }
      return session.lease.last_touch + settings.silence_limit();
  }
}

void arm(Session& session, const Context& context) {
  Lease& lease = session.lease;
  lease.deadline =
      std::max(std::min(deadline_of(session, context), lease.not_after), context.hold_until);
  const bool renewable = session.state == SessionState::kActive && !session.interrupted;
  lease.renew_for_ms =
      renewable ? static_cast<std::int32_t>(context.settings.silence_limit().count()) : 0;
}

void become(Session& session, SessionState state, const Context& context) {
  session.state = state;
  session.interrupted = false;
  session.cut_by_drain = false;
  session.moving = false;
  arm(session, context);
}

SessionStep renew(Session& session, const Context& context) {
  session.lease.last_touch = context.now.steady;
  const SteadyTime before = session.lease.deadline;
  arm(session, context);
  session.lease.deadline = std::max(session.lease.deadline, before);
  return {.changed = true};
}

SessionStep activate(Session& session, EventType event, const Context& context) {
  session.lease.last_touch = context.now.steady;
  become(session, SessionState::kActive, context);
  return {.changed = true, .event = event};
}

SessionStep on_touch(Session& session, SessionInput input, const Context& context) {
  if (session.state == SessionState::kPaused) {
    if (input != SessionInput::kTouch) return {};
    const bool interrupted = session.interrupted;
    const SessionStep step = activate(session, EventType::kContinued, context);
    // Its user is back, its connection is not.
    session.interrupted = interrupted;
    arm(session, context);
    return step;
  }
  const bool pending = session.state == SessionState::kPending;
  if (session.interrupted) {
    const bool from_holder = input == SessionInput::kHolderTouch || input == SessionInput::kStarted;
    if (!from_holder) return {};
    return activate(session, pending ? EventType::kStarted : EventType::kResumed, context);
  }
  if (pending) return activate(session, EventType::kStarted, context);
  // STARTED says nothing new of a session that goes on.
  return input == SessionInput::kStarted ? SessionStep{} : renew(session, context);
}

SessionStep on_interrupt(Session& session, const Context& context) {
  if (session.interrupted) return {};
  session.interrupted = true;
  if (session.kind == SessionKind::kPublish) {
    session.state = SessionState::kActive;
    arm(session, context);
  } else {
    session.lease.renew_for_ms = 0;
  }
  return {.changed = true, .event = EventType::kInterrupted};
}

SessionStep on_pause(Session& session, const Context& context) {
  if (session.state == SessionState::kPaused) return {};
  if (session.kind == SessionKind::kPublish || session.state != SessionState::kActive) {
    return {.refused = true};
  }
  session.state = SessionState::kPaused;
  arm(session, context);
  return {.changed = true, .event = EventType::kPaused};
}

SessionStep on_resume(Session& session, const Context& context) {
  if (session.state == SessionState::kActive) return {};
  if (session.state != SessionState::kPaused) return {.refused = true};
  return on_touch(session, SessionInput::kTouch, context);
}

}  // namespace

void open(Session& session, const Context& context) {
  session.created = context.now.wall;
  session.state = SessionState::kPending;
  session.lease.last_touch = context.now.steady;
  const Duration most = max_duration(session, context.settings);
  session.lease.not_after = most > Duration{0} ? context.now.steady + most : kNever;
  arm(session, context);
}

SessionStep step(Session& session, SessionInput input, const Context& context) {
  switch (input) {
    case SessionInput::kTouch:
    case SessionInput::kBulkTouch:
    case SessionInput::kHolderTouch:
    case SessionInput::kStarted:
      return on_touch(session, input, context);
    case SessionInput::kInterrupt:
      return on_interrupt(session, context);
    case SessionInput::kPause:
      return on_pause(session, context);
    case SessionInput::kResume:
      return on_resume(session, context);
  }
  return {};
}

void adopt(Session& session, const Connection& connection, const Context& context) {
  SessionTexts texts = connection.client;
  texts.stream_id = session.stream_id();
  texts.instance_id = connection.instance_id;
  session.texts = PackedTexts(texts);
  session.epoch = connection.epoch;
  session.lease.holder = connection.holder;
  session.lease.last_touch = context.now.steady;
  become(session,
         session.state == SessionState::kPending ? SessionState::kPending : SessionState::kActive,
         context);
}

void extend_for_connection(Session& session, const Context& context) {
  Lease& lease = session.lease;
  lease.deadline =
      std::max(lease.deadline,
               std::min(context.now.steady + context.settings.start_timeout, lease.not_after));
}

void move_to_stream(Session& session, std::string_view stream_id, const Context& context) {
  const bool served = !session.instance_id().empty();
  SessionTexts texts = session.texts.view();
  texts.stream_id = stream_id;
  texts.instance_id = {};
  session.texts = PackedTexts(texts);
  if (!served) return;
  session.lease.holder = 0;
  session.lease.last_touch = context.now.steady;
  become(session, SessionState::kPending, context);
}

void end(Session& session, const Ending& ending, const Context& context) {
  if (!ending.by.empty() || !ending.message.empty()) {
    SessionTexts texts = session.texts.view();
    texts.ended_by = ending.by;
    texts.message = ending.message;
    session.texts = PackedTexts(texts);
  }
  session.media.reset();
  session.state = SessionState::kEnded;
  session.end_reason = ending.reason;
  session.ended = std::max(ending.time, session.created);
  session.lease.deadline = context.now.steady + context.settings.tombstone;
  session.lease.renew_for_ms = 0;
}

void rearm(Session& session, const Context& context) {
  if (!session.live()) {
    session.lease.deadline = context.now.steady + context.settings.tombstone;
    return;
  }
  session.lease.last_touch = context.now.steady;
  const Duration most = max_duration(session, context.settings);
  session.lease.not_after = most > Duration{0} ? context.now.steady + most : kNever;
  arm(session, context);
}

}  // namespace weir::control::domain
