#include "control_svc/store/session_operations.h"

#include <optional>
#include <utility>

#include "control_svc/domain/field_check.h"
#include "control_svc/domain/session_rules.h"
#include "control_svc/domain/user_rules.h"
#include "control_svc/store/admit_operation.h"
#include "control_svc/store/session_listing.h"
#include "control_svc/store/switch_operation.h"
#include "control_svc/store/touch_batch.h"

namespace weir::control::store {
namespace {

using domain::Context;
using domain::RefusalReason;
using domain::SessionId;
using domain::TouchFailure;
using domain::UserRecord;
using domain::UserSession;

// The id in a request; answers `done` with the refusal itself when nobody can have been given it.
template <class Answer>
std::optional<SessionId> known_id(std::string_view text, const Callback<Answer>& done) {
  const std::optional<SessionId> id = SessionId::parse(text);
  if (!id) done(domain::refuse(RefusalReason::kSessionNotFound, "there is no such session"));
  return id;
}

}  // namespace

SessionOperations::SessionOperations(RecordStore& store, domain::Settings settings,
                                     NoticeSink notices, SteadyTime hold_until,
                                     std::unique_ptr<SessionIdSource> ids)
    : decider_(store, settings, std::move(notices), hold_until),
      overtaken_(decider_),
      expiry_(decider_, overtaken_),
      ids_(std::move(ids)) {}

void SessionOperations::admit(domain::AdmitRequest request, Now now,
                              Callback<domain::AdmitAnswer> done) {
  if (request.user_id.empty()) request.user_id = domain::anonymous_user(request);
  admit_session(decider_, overtaken_, *ids_, std::move(request), now, std::move(done));
}

void SessionOperations::touch_many(std::vector<domain::SessionId> sessions, std::uint32_t holder,
                                   Now now, Callback<std::vector<TouchFailure>> done) {
  touch_sessions(decider_, std::move(sessions), holder, now, std::move(done));
}

void SessionOperations::list(domain::SessionFilter filter, Now now,
                             Callback<domain::SessionPage> done) {
  list_sessions(decider_, std::move(filter), now, std::move(done));
}

void SessionOperations::list_blocks(domain::BlockFilter filter, Now now,
                                    Callback<domain::BlockPage> done) {
  store::list_blocks(decider_, std::move(filter), now, std::move(done));
}

void SessionOperations::touch(domain::TouchRequest request, Now now, Callback<UserSession> done) {
  const auto id = known_id(request.session_id, done);
  if (!id) return;
  decider_.decide_session<UserSession>(
      *id, now,
      [request = std::move(request)](UserRecord record, const SessionId& session,
                                     const Context& context) {
        return domain::touch(std::move(record), session, request, context);
      },
      std::move(done));
}

void SessionOperations::pause(std::string_view session_id, Now now, Callback<UserSession> done) {
  if (const auto id = known_id(session_id, done)) {
    decider_.decide_session<UserSession>(*id, now, domain::pause, std::move(done));
  }
}

void SessionOperations::resume(std::string_view session_id, Now now, Callback<UserSession> done) {
  if (const auto id = known_id(session_id, done)) {
    decider_.decide_session<UserSession>(*id, now, domain::resume, std::move(done));
  }
}

void SessionOperations::release(std::string_view session_id, Now now, Callback<UserSession> done) {
  if (const auto id = known_id(session_id, done)) {
    decider_.decide_session<UserSession>(*id, now, domain::release, std::move(done));
  }
}

void SessionOperations::kick(domain::KickRequest request, Now now, Callback<UserSession> done) {
  const auto id = known_id(request.session_id, done);
  if (!id) return;
  decider_.decide_session<UserSession>(
      *id, now,
      [request = std::move(request)](UserRecord record, const SessionId& session,
                                     const Context& context) {
        return domain::kick(std::move(record), session, request, context);
      },
      std::move(done));
}

void SessionOperations::report(domain::SessionReport report, Now now, Callback<UserSession> done) {
  const SessionId id = report.session;
  decider_.decide_session<UserSession>(
      id, now,
      [report = std::move(report)](UserRecord record, const SessionId&, const Context& context) {
        return domain::report(std::move(record), report, context);
      },
      std::move(done));
}

void SessionOperations::assert_held(domain::HeldSession held, Now now,
                                    Callback<domain::AdmitAnswer> done) {
  if (held.admission.user_id.empty()) {
    held.admission.user_id = domain::anonymous_user(held.admission);
  }
  assert_session(decider_, overtaken_, std::move(held), now, std::move(done));
}

void SessionOperations::interrupt(GoneHolders gone, Now now,
                                  std::function<void(std::size_t)> done) {
  interrupt_held(decider_, std::move(gone), now, std::move(done));
}

void SessionOperations::ask_to_move(const SessionId& id, std::uint32_t holder, Now now,
                                    Callback<UserSession> done) {
  decider_.decide_session<UserSession>(
      id, now,
      [holder](UserRecord record, const SessionId& session, const Context& context) {
        return domain::ask_to_move(std::move(record), session, holder, context);
      },
      std::move(done));
}

void SessionOperations::get(std::string_view session_id, Now now, Callback<UserSession> done) {
  if (const auto id = known_id(session_id, done)) {
    decider_.decide_session<UserSession>(*id, now, domain::look_up, std::move(done));
  }
}

void SessionOperations::unblock(std::string user_id, std::string stream_id, Now now,
                                Callback<int> done) {
  decider_.decide_user<int>(
      std::move(user_id), now,
      [stream_id = std::move(stream_id)](UserRecord record, const Context& context) {
        return domain::unblock(std::move(record), stream_id, context);
      },
      std::move(done));
}

void SessionOperations::get_limits(std::string user_id, Now now,
                                   Callback<domain::UserLimitsAnswer> done) {
  decider_.decide_user<domain::UserLimitsAnswer>(std::move(user_id), now, domain::look_up_limits,
                                                 std::move(done));
}

void SessionOperations::update_limits(domain::LimitsUpdate update, Now now,
                                      Callback<domain::UserLimitsAnswer> done) {
  std::string user_id = update.user_id;
  decider_.decide_user<domain::UserLimitsAnswer>(
      std::move(user_id), now,
      [update = std::move(update)](UserRecord record, const Context& context) {
        return domain::update_limits(std::move(record), update, context);
      },
      std::move(done));
}

void SessionOperations::switch_stream(domain::SwitchRequest request, Now now,
                                      Callback<domain::SwitchAnswer> done) {
  if (const auto id = known_id(request.session_id, done)) {
    switch_session(decider_, *id, std::move(request), now, std::move(done));
  }
}

void SessionOperations::expire_due(Now now, std::size_t limit,
                                   std::function<void(std::size_t)> done) {
  expiry_.run(now, limit, std::move(done));
}

}  // namespace weir::control::store
