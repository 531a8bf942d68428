#include "control_svc/domain/held_session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

Refusal has_to_end(EndReason reason, std::string_view by = {}) {
  Refusal refusal = refuse(RefusalReason::kSessionEnded, "the session does not go on here");
  refusal.end_reason = reason;
  refusal.ended_by = std::string(by);
  return refusal;
}

// The session as its instance has it: with media, or it would not be held.
Session session_of(const HeldSession& held, const Context& context) {
  const AdmitRequest& request = held.admission;
  Session session;
  session.id = held.session;
  session.kind = request.kind;
  session.epoch = request.kind == SessionKind::kPublish ? held.epoch : 0;
  session.texts = PackedTexts({.stream_id = request.stream_id,
                               .instance_id = request.instance_id,
                               .client_address = request.client.address,
                               .client_protocol = request.client.protocol,
                               .client_user_agent = request.client.user_agent,
                               .client_device = request.client.device});
  if (request.kind == SessionKind::kPublish) session.media = held.media;
  session.lease.holder = holder_digest(request.instance_id, request.incarnation);
  open(session, context);
  step(session, SessionInput::kHolderTouch, context);
  return session;
}

// Who else publishes the stream.
const Session* rival(const AdmissionSnapshot& snapshot, const HeldSession& held, SteadyTime now) {
  if (held.admission.kind != SessionKind::kPublish) return nullptr;
  const SessionId& id = snapshot.claim.holder;
  const Session* holder = snapshot.user.find(id);
  if (holder == nullptr && snapshot.foreign_holder) holder = &*snapshot.foreign_holder;
  const bool lives = holder != nullptr && holder->id == id && id != held.session &&
                     holder->live() && !overdue(*holder, now);
  return lives ? holder : nullptr;
}

// Admitted to this very instance after the claim was forgotten, so with a lower epoch. The instance
// has one publisher a stream and none gives way to an older epoch: it can only be refused there.
bool cannot_begin(const Session& rival, const HeldSession& held) {
  return rival.state == SessionState::kPending && rival.epoch < held.epoch &&
         rival.lease.holder ==
             holder_digest(held.admission.instance_id, held.admission.incarnation);
}

bool superseded(const AdmissionSnapshot& snapshot, const HeldSession& held, const Session* rival,
                bool live) {
  const StreamClaim& claim = snapshot.claim;
  if (held.admission.kind != SessionKind::kPublish) return false;
  // One that lives has its epoch on record, whatever became of its later connection's claim.
  if (claim.holder == held.session) return !live && claim.epoch > held.epoch;
  if (overtaken(claim, held.session, held.epoch)) return true;
  return rival != nullptr && !cannot_begin(*rival, held);
}

// The refusal that a session on record gives; nothing when it goes on, or may be revived.
std::optional<Refusal> obstacle(const Session& known, const HeldSession& held) {
  const bool same_epoch = known.epoch == held.epoch || known.kind == SessionKind::kPlay;
  const bool holds =
      known.lease.holder == holder_digest(held.admission.instance_id, held.admission.incarnation);
  if (!same_epoch || (known.live() && !holds)) return has_to_end(EndReason::kMoved);
  if (known.live() || known.end_reason == EndReason::kExpired) return std::nullopt;
  return has_to_end(known.end_reason, known.texts.view().ended_by);
}

int live_of_kind(const UserRecord& record, SessionKind kind) {
  return static_cast<int>(std::ranges::count_if(
      record.sessions, [kind](const Session& s) { return s.live() && s.kind == kind; }));
}

// The claim that goes with it, when the present one is not the same.
std::optional<StreamClaim> claim_with(const StreamClaim& claim, const HeldSession& held,
                                      const Text& user_id, const Context& context) {
  const bool same = claim.holder == held.session && claim.epoch >= held.epoch;
  if (held.admission.kind != SessionKind::kPublish || same) return std::nullopt;
  StreamClaim taken = claim;
  taken.stream_id = Text(held.admission.stream_id);
  taken.epoch = held.epoch;
  taken.holder = held.session;
  taken.holder_user = user_id;
  taken.started = context.now.wall;
  taken.review_at = context.now.steady + context.settings.tombstone;
  return taken;
}

// Live again, or for the first time by this record.
Session take_in(RecordChange& change, Session* known, const HeldSession& held,
                const Context& context) {
  Session session = session_of(held, context);
  if (known != nullptr) {
    session.created = known->created;
    *known = session;
  } else {
    change.edit().sessions.push_back(session);
  }
  change.note(known != nullptr ? EventType::kResumed : EventType::kAdmitted, session);
  return as_seen(session, context);
}

}  // namespace

AdmissionDecision assert_held(AdmissionSnapshot snapshot, const HeldSession& held,
                              const Context& context) {
  RecordChange change(UserRecord(snapshot.user), context);
  if (std::ranges::find(snapshot.foreign, held.session) != snapshot.foreign.end()) {
    return {std::move(change), has_to_end(EndReason::kReplaced)};
  }
  if (held.session.bucket() != bucket_of(snapshot.user.user_id.view())) {
    return {std::move(change), has_to_end(EndReason::kFailed)};
  }
  AdmitAnswer answer;
  answer.user_id = change.record().user_id;
  Session* known = change.find(held.session);
  if (known != nullptr) {
    if (auto refusal = obstacle(*known, held)) return {std::move(change), *std::move(refusal)};
  }
  const Session* other = rival(snapshot, held, context.now.steady);
  answer.repeated = known != nullptr && known->live();
  if (superseded(snapshot, held, other, answer.repeated)) {
    if (!answer.repeated) return {std::move(change), has_to_end(EndReason::kReplaced)};
    change.end(*known, EndReason::kReplaced, snapshot.claim.holder.str());
    answer.session = as_seen(*known, context);
    return {std::move(change), std::move(answer)};
  }
  Session* own_rival = other == nullptr ? nullptr : change.find(other->id);
  if (own_rival != nullptr) change.end(*own_rival, EndReason::kReplaced, held.session.str());
  auto claim = claim_with(snapshot.claim, held, answer.user_id, context);
  if (answer.repeated) {
    change.describe(*known, held.media);
    answer.session = as_seen(*known, context);
    // Control was killed before it wrote the claim.
    if (claim) change.edit();
  } else {
    const SessionKind kind = held.admission.kind;
    answer.resumed = known != nullptr;
    answer.beyond_limit =
        live_of_kind(change.record(), kind) >= limit_of(change.record(), kind, context.settings);
    answer.session = take_in(change, known, held, context);
  }
  AdmissionDecision decision{std::move(change), std::move(answer)};
  decision.claim = std::move(claim);
  // From which it may be revived: its instance still holds it.
  decision.undone = EndReason::kExpired;
  decision.ends_foreign_holder = other != nullptr && own_rival == nullptr;
  return decision;
}

}  // namespace weir::control::domain
