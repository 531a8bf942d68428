// What a rule answers: the record as it should be from now on, and whom to tell.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "control_svc/domain/context.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_machine.h"
#include "control_svc/domain/user_record.h"

namespace weir::control::domain {

// A user's record under change. Made first by every rule: what is overdue ends and what is
// outdated is forgotten before anything else is decided. A rule about one session alone may do so
// with that one only, and leave the rest to those who look for it. Lives as long as one decision.
class RecordChange {
 public:
  RecordChange(UserRecord&& record, const Context& context);
  RecordChange(UserRecord&& record, const Context& context, const SessionId& only);

  const UserRecord& record() const { return record_; }
  UserRecord& edit();
  // Valid until a session is added.
  Session* find(const SessionId& id) { return record_.find(id); }
  // Steps the machine and notes what came of it. False: refused.
  bool step(Session& session, SessionInput input);
  void end(Session& session, EndReason reason, std::string_view ended_by = {},
           std::string_view message = {});
  // What follows happened at this time, by the clock of the session's instance; but not before the
  // session's admission, and not in the future.
  void happened(const Session& session, WallTime told);
  // Ended by its own connection, which therefore need not be told.
  void finish(Session& session, EndReason reason, std::string_view message);
  // A written transition that was made by hand.
  void note(EventType type, const Session& session);
  // What its instance says of its media; of interest for a publisher only.
  void describe(Session& session, MediaSnapshot media);
  // Its present connection has to go.
  void tell_holder(const Session& session, EndReason reason, std::string_view message = {});

 private:
  template <class Answer>
  friend struct Decision;
  // Something has changed that a restart must not forget.
  void keep();
  void end(Session& session, const Ending& ending);
  void settle();
  void end_if_overdue(Session& session);
  void trim();

  UserRecord record_;
  const Context& context_;
  // When what is noted happened.
  WallTime happened_;
  bool changed_ = false;
  bool lasting_ = false;
  std::vector<SessionEvent> events_;
  std::vector<EndNotice> notices_;
};

template <class Answer>
struct Decision {
  Outcome<Answer> answer;
  // To commit when `changed`, with its events; then tell the notices. A refusal changes nothing.
  bool changed = false;
  // False: only what a restart may forget has changed, because it begins anew then or is said
  // again: a deadline, the description of the media.
  bool lasting = false;
  UserRecord record;
  std::vector<SessionEvent> events;
  std::vector<EndNotice> notices;

  Decision(RecordChange&& change, Outcome<Answer> outcome)
      : answer(std::move(outcome)),
        changed(answer.has_value() && change.changed_),
        lasting(changed && change.lasting_),
        record(std::move(change.record_)),
        events(std::move(change.events_)),
        notices(std::move(change.notices_)) {}

  // What the rule found due is left to those who look for it: nobody's answer waits for a commit.
  Decision read_only() && {
    changed = false;
    return std::move(*this);
  }
};

// The session as a reader sees it at this moment: idle when silent, ended when overdue.
Session as_seen(Session session, const Context& context);
UserSession as_seen(const UserRecord& record, const Session& session, const Context& context);

}  // namespace weir::control::domain
