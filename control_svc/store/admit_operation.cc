#include "control_svc/store/admit_operation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "control_svc/domain/admission.h"
#include "control_svc/domain/held_session.h"
#include "control_svc/domain/session_rules.h"

namespace weir::control::store {
namespace {

using domain::AdmissionDecision;
using domain::AdmissionSnapshot;
using domain::AdmitRequest;
using domain::SessionId;
using domain::StreamClaim;
using domain::UserRecord;

struct LoadedAdmission {
  AdmissionSnapshot snapshot;
  Version user_version = 0;
  Version claim_version = 0;
};

// Sessions that the request names and the user's record does not hold.
std::vector<SessionId> named_elsewhere(const AdmitRequest& request, const UserRecord& user) {
  std::vector<SessionId> ids;
  const auto consider = [&](const std::string& text) {
    const std::optional<SessionId> id = SessionId::parse(text);
    if (id && user.find(*id) == nullptr) ids.push_back(*id);
  };
  consider(request.resume_session_id);
  std::ranges::for_each(request.replace_session_ids, consider);
  return ids;
}

// Into `loaded`, which is empty and lies still until the reply.
Operation load_admission(RecordStore& store, const AdmitRequest& request, LoadedAdmission& loaded,
                         Reply<Done> reply) {
  auto user = co_await awaited<Loaded<UserRecord>>(
      [&](auto next) { store.load_user(request.user_id, std::move(next)); });
  if (!user) co_return reply(user.error());
  loaded.snapshot.user = std::move(user->record);
  loaded.user_version = user->version;
  auto fleet = co_await awaited<Loaded<domain::FleetSnapshot>>(
      [&](auto next) { store.load_fleet(std::move(next)); });
  if (!fleet) co_return reply(fleet.error());
  loaded.snapshot.fleet = std::move(fleet->record);

  // A player needs the claim only to be shown the way.
  const bool publishing = request.kind == domain::SessionKind::kPublish;
  if (publishing || !loaded.snapshot.fleet->instances.empty()) {
    auto claim = co_await awaited<Loaded<StreamClaim>>(
        [&](auto next) { store.load_claim(request.stream_id, std::move(next)); });
    if (!claim) co_return reply(claim.error());
    loaded.snapshot.claim = std::move(claim->record);
    loaded.claim_version = claim->version;
  }
  const StreamClaim& claim = loaded.snapshot.claim;
  if (!claim.holder.empty() && !(claim.holder_user == request.user_id)) {
    auto other = co_await awaited<Loaded<UserRecord>>(
        [&](auto next) { store.load_owner(claim.holder, std::move(next)); });
    if (!other) co_return reply(other.error());
    const domain::Session* holder = other->record.find(claim.holder);
    if (holder != nullptr) loaded.snapshot.foreign_holder = *holder;
  }
  for (const SessionId& id : named_elsewhere(request, loaded.snapshot.user)) {
    const auto owner = co_await awaited<Loaded<UserRecord>>(
        [&](auto next) { store.load_owner(id, std::move(next)); });
    if (!owner) co_return reply(owner.error());
    if (owner->version != 0) loaded.snapshot.foreign.push_back(id);
  }
  reply(Done{});
}

// Takes a committed admission back. Whatever happens here, the session also ends by itself.
Operation undo(const Decider& decider, UserRecord before, SessionId id, domain::EndReason reason,
               Now now, Reply<Done> reply) {
  RecordStore& store = decider.store();
  while (true) {
    auto loaded = co_await awaited<Loaded<UserRecord>>(
        [&](auto next) { store.load_user(before.user_id.view(), std::move(next)); });
    if (!loaded) co_return reply(loaded.error());
    auto decision =
        domain::undo_admission(std::move(loaded->record), before, id, reason, decider.context(now));
    UserCommit commit{std::move(decision.record), loaded->version,
                      as_events(std::move(decision.events))};
    const auto committed = co_await awaited<Done>(
        [&](auto next) { store.commit_user(std::move(commit), std::move(next)); });
    if (committed) co_return reply(Done{});
    if (committed.error() != StoreError::kConflict) co_return reply(committed.error());
  }
}

// The user's record, then the claim. kConflict: nothing of it stands, decide again.
Operation commit_admission(const Decider& decider, const LoadedAdmission& loaded,
                           const UserRecord& before, AdmissionDecision& decision, SessionId id,
                           Now now, Reply<Done> reply) {
  RecordStore& store = decider.store();
  const bool claiming = decision.claim.has_value();
  UserCommit user{std::move(decision.record), loaded.user_version,
                  as_events(std::move(decision.events)), decision.lasting};
  const auto committed = co_await awaited<Done>(
      [&](auto next) { store.commit_user(std::move(user), std::move(next)); });
  if (!committed || !claiming) co_return reply(committed);

  ClaimCommit claim{*std::move(decision.claim), loaded.claim_version};
  const auto claimed = co_await awaited<Done>(
      [&](auto next) { store.commit_claim(std::move(claim), std::move(next)); });
  if (claimed) co_return reply(Done{});
  const auto undone = co_await awaited<Done>(
      [&](auto next) { undo(decider, before, id, decision.undone, now, std::move(next)); });
  reply(undone ? claimed : undone);
}

// Why the session that was just admitted has ended, if it has: by a kick, say, between the two
// commits of its admission.
Operation find_end(RecordStore& store, SessionId id, Reply<std::optional<domain::Refusal>> reply) {
  const auto owner = co_await awaited<Loaded<UserRecord>>(
      [&](auto next) { store.load_owner(id, std::move(next)); });
  if (!owner) co_return reply(owner.error());
  reply(domain::refuse_ended(owner->record, id));
}

// `decide(snapshot, context)` admits over what is loaded for the request.
template <class Decide>
Operation run_admission(const Decider& decider, OvertakenPublishers& overtaken,
                        AdmitRequest&& asked, Now now, Decide decide,
                        Callback<domain::AdmitAnswer> done) {
  // Nothing was waited for yet, so the caller's is still there.
  const AdmitRequest request = std::move(asked);
  RecordStore& store = decider.store();
  while (true) {
    LoadedAdmission loaded;
    const auto complete = co_await awaited<Done>(
        [&](auto next) { load_admission(store, request, loaded, std::move(next)); });
    if (!complete) co_return done(store_unavailable());
    // Only a publisher's admission may have to be taken back.
    UserRecord before;
    if (request.kind == domain::SessionKind::kPublish) before = loaded.snapshot.user;
    const SessionId holder = loaded.snapshot.claim.holder;
    AdmissionDecision decision = decide(std::move(loaded.snapshot), request, decider.context(now));
    if (!decision.changed) co_return done(std::move(decision.answer));

    const SessionId admitted = decision.answer->session.id;
    const auto committed = co_await awaited<Done>([&](auto next) {
      commit_admission(decider, loaded, before, decision, admitted, now, std::move(next));
    });
    if (committed) {
      decider.tell(decision.notices);
      if (decision.ends_foreign_holder) overtaken.end(holder, admitted, now);
      if (decision.claim) {
        const auto over = co_await awaited<std::optional<domain::Refusal>>(
            [&](auto next) { find_end(store, admitted, std::move(next)); });
        if (!over) co_return done(store_unavailable());
        if (*over) co_return done(**over);
      }
      co_return done(std::move(decision.answer));
    }
    if (committed.error() != StoreError::kConflict) {
      // Undoing it may have failed too.
      if (decision.claim) overtaken.suspect(now);
      co_return done(store_unavailable());
    }
  }
}

}  // namespace

void admit_session(const Decider& decider, OvertakenPublishers& overtaken, SessionIdSource& ids,
                   AdmitRequest&& request, Now now, Callback<domain::AdmitAnswer> done) {
  run_admission(
      decider, overtaken, std::move(request), now,
      // Another id each time: the one before may belong to an admission that was taken back.
      [&ids](AdmissionSnapshot&& snapshot, const AdmitRequest& asked,
             const domain::Context& context) {
        return domain::admit(std::move(snapshot), asked, ids.next(asked.user_id), context);
      },
      std::move(done));
}

void assert_session(const Decider& decider, OvertakenPublishers& overtaken,
                    domain::HeldSession held, Now now, Callback<domain::AdmitAnswer> done) {
  AdmitRequest request = held.admission;
  // Loads whoever holds the session by now.
  request.resume_session_id = held.session.str();
  request.replace_session_ids.clear();
  run_admission(
      decider, overtaken, std::move(request), now,
      [held = std::move(held)](AdmissionSnapshot&& snapshot, const AdmitRequest&,
                               const domain::Context& context) {
        return domain::assert_held(std::move(snapshot), held, context);
      },
      std::move(done));
}

Operation load_publisher(RecordStore& store, domain::Text stream_id, SteadyTime now,
                         Reply<std::optional<domain::UserSession>> reply) {
  const auto claim = co_await awaited<Loaded<StreamClaim>>(
      [&](auto next) { store.load_claim(stream_id.view(), std::move(next)); });
  if (!claim) co_return reply(claim.error());
  std::optional<domain::UserSession> publisher;
  if (claim->version != 0) {
    const auto owner = co_await awaited<Loaded<UserRecord>>(
        [&](auto next) { store.load_owner(claim->record.holder, std::move(next)); });
    if (!owner) co_return reply(owner.error());
    const domain::Session* holder = owner->record.find(claim->record.holder);
    if (holder != nullptr && holder->live() && !domain::overdue(*holder, now)) {
      publisher = domain::UserSession{owner->record.user_id, *holder};
    }
  }
  reply(std::move(publisher));
}

}  // namespace weir::control::store
