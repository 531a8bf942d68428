// What callers ask of sessions, whole: load, decide by the rules, commit, decide again when
// somebody else was quicker, and only then tell.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/refusal.h"
#include "control_svc/domain/requests.h"
#include "control_svc/domain/session_id.h"
#include "control_svc/domain/settings.h"
#include "control_svc/store/record_store.h"

namespace weir::control::store {

// Gives each session its name.
class SessionIdSource {
 public:
  virtual ~SessionIdSource() = default;
  virtual domain::SessionId next(std::string_view user_id) = 0;
};

// Owned by main, one a process; the store outlives it. Every call is allowed from any thread and
// returns at once; its callback runs exactly once, before the call returns or later on a thread
// of the store, and may call again.
class SessionOperations {
 public:
  template <class Answer>
  using Callback = std::function<void(domain::Outcome<Answer>)>;
  // Told after the commit that makes it true; any thread.
  using NoticeSink = std::function<void(const domain::EndNotice&)>;

  // `hold_until`: nothing expires before; the end of the recovery hold.
  SessionOperations(RecordStore& store, domain::Settings settings, NoticeSink notices,
                    SteadyTime hold_until = SteadyTime::min());
  // For simulations, whose ids come from their seed.
  SessionOperations(RecordStore& store, domain::Settings settings, NoticeSink notices,
                    SteadyTime hold_until, std::unique_ptr<SessionIdSource> ids);

  const domain::Settings& settings() const { return settings_; }

  void admit(domain::AdmitRequest request, Now now, Callback<domain::AdmitAnswer> done);
  void touch(domain::TouchRequest request, Now now, Callback<domain::UserSession> done);
  // Renews all that are live and names the others. `holder` 0: whoever asks on behalf of anybody;
  // else only what that instance holds (see domain::holder_digest).
  void touch_many(std::vector<std::string> session_ids, std::uint32_t holder, Now now,
                  Callback<std::vector<domain::TouchFailure>> done);

  void pause(std::string session_id, Now now, Callback<domain::UserSession> done);
  void resume(std::string session_id, Now now, Callback<domain::UserSession> done);
  void switch_stream(domain::SwitchRequest request, Now now, Callback<domain::SwitchAnswer> done);
  void release(std::string session_id, Now now, Callback<domain::UserSession> done);
  void kick(domain::KickRequest request, Now now, Callback<domain::UserSession> done);
  // What an instance saw of a session it holds.
  void report(domain::SessionReport report, Now now, Callback<domain::UserSession> done);

  void get(std::string session_id, Now now, Callback<domain::UserSession> done);
  void list(domain::SessionFilter filter, Now now, Callback<domain::SessionPage> done);

  void list_blocks(domain::BlockFilter filter, Now now, Callback<domain::BlockPage> done);
  // Answers how many blocks are gone; an empty stream means all of the user's.
  void unblock(std::string user_id, std::string stream_id, Now now, Callback<int> done);
  void get_limits(std::string user_id, Callback<domain::UserLimitsAnswer> done);
  void update_limits(domain::LimitsUpdate update, Now now, Callback<domain::UserLimitsAnswer> done);

  // Ends and forgets what is due; called by a ticker every few tens of milliseconds. Bounded work:
  // returns how many records it took on, at most `limit`; when it is `limit`, call again.
  std::size_t expire_due(Now now, std::size_t limit);

 private:
  RecordStore& store_;
  domain::Settings settings_;
  NoticeSink notices_;
  SteadyTime hold_until_;
  std::unique_ptr<SessionIdSource> ids_;
};

}  // namespace weir::control::store
