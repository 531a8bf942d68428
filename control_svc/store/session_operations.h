// What callers ask of sessions, whole: load, decide by the rules, commit, decide again when
// somebody else was quicker, and only then tell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/settings.h"
#include "control_svc/store/decider.h"
#include "control_svc/store/expiry.h"
#include "control_svc/store/instance_loss.h"
#include "control_svc/store/overtaken_publishers.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/session_id_source.h"

namespace weir::control::store {

// Requests are well-formed: the transport has checked every field (domain/field_check.h).
// Owned by main, one a process; the store outlives it. Every call is allowed from any thread and
// returns at once; its callback runs exactly once, before the call returns or later on a thread
// of the store, and may call again.
class SessionOperations {
 public:
  // Nothing expires before `hold_until`, the end of the hold after a restart. Simulations bring
  // their own ids.
  SessionOperations(RecordStore& store, domain::Settings settings, NoticeSink notices,
                    SteadyTime hold_until = SteadyTime::min(),
                    std::unique_ptr<SessionIdSource> ids = std::make_unique<RandomSessionIds>());

  const domain::Settings& settings() const { return decider_.settings(); }

  void admit(domain::AdmitRequest request, Now now, Callback<domain::AdmitAnswer> done);
  void touch(domain::TouchRequest request, Now now, Callback<domain::UserSession> done);
  // Renews all that are live and names the others. `holder` 0: on behalf of anybody; else only
  // what that instance holds (see domain::holder_digest). An empty id is no session's.
  void touch_many(std::vector<domain::SessionId> sessions, std::uint32_t holder, Now now,
                  Callback<std::vector<domain::TouchFailure>> done);

  void pause(std::string_view session_id, Now now, Callback<domain::UserSession> done);
  void resume(std::string_view session_id, Now now, Callback<domain::UserSession> done);
  void switch_stream(domain::SwitchRequest request, Now now, Callback<domain::SwitchAnswer> done);
  void release(std::string_view session_id, Now now, Callback<domain::UserSession> done);
  void kick(domain::KickRequest request, Now now, Callback<domain::UserSession> done);
  // What an instance saw of a session that it holds.
  void report(domain::SessionReport report, Now now, Callback<domain::UserSession> done);
  // What an instance holds, after a time apart: goes on, is revived, or is admitted again under its
  // id. Refused: its connection has to end, for the refusal's end_reason.
  void assert_held(domain::HeldSession held, Now now, Callback<domain::AdmitAnswer> done);
  // All that these instances held waits for its next connection. Tells how many there were.
  void interrupt(GoneHolders gone, Now now, std::function<void(std::size_t)> done);
  // Whoever publishes it from this holder may take it up from elsewhere now.
  void ask_to_move(const domain::SessionId& id, std::uint32_t holder, Now now,
                   Callback<domain::UserSession> done);

  void get(std::string_view session_id, Now now, Callback<domain::UserSession> done);
  void list(domain::SessionFilter filter, Now now, Callback<domain::SessionPage> done);

  void list_blocks(domain::BlockFilter filter, Now now, Callback<domain::BlockPage> done);
  // Answers how many blocks are gone; an empty stream means all of the user's.
  void unblock(std::string user_id, std::string stream_id, Now now, Callback<int> done);
  void get_limits(std::string user_id, Now now, Callback<domain::UserLimitsAnswer> done);
  void update_limits(domain::LimitsUpdate update, Now now, Callback<domain::UserLimitsAnswer> done);

  // Ends and forgets what is due, and whom an earlier process failed to end; at most `limit`
  // records of a kind; called by a ticker every few tens of milliseconds. `done` hears how many
  // records there were, when all are dealt with: as many as `limit` or more means that there are
  // others, so call again.
  void expire_due(Now now, std::size_t limit, std::function<void(std::size_t)> done);

 private:
  Decider decider_;
  OvertakenPublishers overtaken_;
  Expiry expiry_;
  const std::unique_ptr<SessionIdSource> ids_;
};

}  // namespace weir::control::store
