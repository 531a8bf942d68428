#include "control_svc/domain/admission.h"

#include <algorithm>
#include <string>
#include <utility>

#include "control_svc/domain/digest.h"
#include "control_svc/domain/field_check.h"
#include "control_svc/domain/placement.h"
#include "control_svc/domain/publish_takeover.h"
#include "control_svc/domain/session_slots.h"
#include "control_svc/domain/user_rules.h"

namespace weir::control::domain {
namespace {

// The parameters that a repeated request id must repeat: all but client and asking instance.
std::uint64_t parameters_digest(const AdmitRequest& request) {
  Digest digest;
  digest.add(request.stream_id)
      .add(request.kind == SessionKind::kPublish ? "publish" : "play")
      .add(request.resume_session_id);
  for (const std::string& id : request.replace_session_ids) digest.add(id);
  return digest.value();
}

SessionTexts texts_of(const AdmitRequest& request) {
  return {.stream_id = request.stream_id,
          .instance_id = request.instance_id,
          .client_address = request.client.address,
          .client_protocol = request.client.protocol,
          .client_user_agent = request.client.user_agent,
          .client_device = request.client.device};
}

// One admission under decision: the checks find out and note, apply() changes.
class Admission {
 public:
  Admission(AdmissionSnapshot&& snapshot, const AdmitRequest& request, const SessionId& fresh,
            const Context& context)
      : claim_(std::move(snapshot.claim)),
        foreign_holder_(std::move(snapshot.foreign_holder)),
        fleet_(std::move(snapshot.fleet)),
        foreign_(std::move(snapshot.foreign)),
        request_(request),
        fresh_(fresh),
        context_(context),
        change_(std::move(snapshot.user), context) {}

  AdmissionDecision decide() {
    if (auto repeated = find_repeated()) {
      // What it repeats may not be durable yet: this answer goes out after it.
      if (*repeated) change_.edit();
      return {std::move(change_), *std::move(repeated)};
    }
    for (const auto check :
         {&Admission::check_block, &Admission::check_adoption, &Admission::check_replaced,
          &Admission::check_claim, &Admission::check_limit, &Admission::check_place}) {
      if (auto refusal = (this->*check)()) return {std::move(change_), *std::move(refusal)};
    }
    if (request_.validate_only) return foresee();
    return apply();
  }

 private:
  const UserRecord& record() const { return change_.record(); }
  bool publishing() const { return request_.kind == SessionKind::kPublish; }
  bool from_media() const { return !request_.instance_id.empty(); }
  SteadyTime now() const { return context_.now.steady; }
  bool is_foreign(const std::optional<SessionId>& id) const {
    return id && std::ranges::find(foreign_, *id) != foreign_.end();
  }
  bool is_victim(const SessionId& id) const {
    return std::ranges::find(victims_, id) != victims_.end();
  }

  std::optional<Outcome<AdmitAnswer>> find_repeated() const;
  std::optional<Refusal> check_block();
  std::optional<Refusal> check_adoption();
  std::optional<Refusal> check_named_adoption();
  std::optional<Refusal> check_replaced();
  std::optional<Refusal> check_claim();
  std::optional<Refusal> check_limit();
  std::optional<Refusal> check_place();

  bool under_way(const Session& session) const;
  bool adoptable(const Session& session) const;
  const Session* claim_holder() const;

  AdmissionDecision foresee();
  AdmissionDecision apply();
  void apply_adoption();
  void apply_new();
  StreamClaim claim_for(const SessionId& id) const;
  void remember(const SessionId& id);

  const StreamClaim claim_;
  const std::optional<Session> foreign_holder_;
  const FleetSnapshot fleet_;
  const std::vector<SessionId> foreign_;
  const AdmitRequest& request_;
  const SessionId fresh_;
  const Context& context_;
  RecordChange change_;

  // What the checks found.
  std::optional<SessionId> adoptee_;
  std::vector<SessionId> victims_;
  Route route_;
  bool beyond_limit_ = false;
  bool ends_foreign_holder_ = false;
  bool counts_as_takeover_ = false;
};

Refusal still_under_way() {
  return refuse(RefusalReason::kStoreUnavailable, "the session is still being admitted",
                std::chrono::seconds{1});
}

// The claim is not its own yet, so its admission may still be undone; or it never will be, because
// control was killed in between, and it ends by its deadline.
bool Admission::under_way(const Session& session) const {
  const bool claimed = claim_.holder == session.id && claim_.epoch >= session.epoch;
  return publishing() && session.live() && !claimed;
}

std::optional<Outcome<AdmitAnswer>> Admission::find_repeated() const {
  if (request_.request_id.empty()) return std::nullopt;
  const std::uint64_t digest = Digest{}.add(request_.request_id).value();
  const auto found = std::ranges::find(record().requests, digest, &RememberedRequest::id_digest);
  if (found == record().requests.end()) return std::nullopt;
  if (found->parameters_digest != parameters_digest(request_)) {
    return refuse(RefusalReason::kRequestIdReused, "the request id was used for another request");
  }
  const Session* session = record().find(found->session);
  if (session == nullptr) {
    return refuse(RefusalReason::kSessionNotFound, "the session of this request is long over");
  }
  if (under_way(*session)) return still_under_way();
  AdmitAnswer answer;
  answer.user_id = record().user_id;
  answer.session = as_seen(*session, context_);
  answer.route = route_to(*fleet_, session->instance_id());
  answer.repeated = true;
  return answer;
}

std::optional<Refusal> Admission::check_block() {
  return blocked_from(record(), request_.stream_id, request_.kind, context_.now);
}

// Waiting for a connection: admitted ahead by an application, interrupted, or asked to move. An
// application has no connection to offer, so what it admitted ahead before stays another slot.
bool Admission::adoptable(const Session& session) const {
  if (!session.live() || session.kind != request_.kind ||
      session.stream_id() != request_.stream_id || under_way(session)) {
    return false;
  }
  const bool ahead = session.state == SessionState::kPending && session.instance_id().empty();
  return session.interrupted || session.moving || (ahead && from_media());
}

std::optional<Refusal> Admission::check_adoption() {
  if (!request_.resume_session_id.empty()) return check_named_adoption();
  const auto found =
      std::ranges::find_if(record().sessions, [this](const Session& s) { return adoptable(s); });
  if (found != record().sessions.end()) adoptee_ = found->id;
  return std::nullopt;
}

std::optional<Refusal> Admission::check_named_adoption() {
  const std::optional<SessionId> id = SessionId::parse(request_.resume_session_id);
  if (is_foreign(id)) {
    return refuse(RefusalReason::kUserMismatch, "the session to resume is another user's");
  }
  const Session* session = id ? record().find(*id) : nullptr;
  if (session == nullptr) {
    return refuse(RefusalReason::kSessionNotFound, "there is no such session to resume");
  }
  if (session->stream_id() != request_.stream_id) {
    return refuse(RefusalReason::kStreamMismatch, "the session to resume is for another stream");
  }
  if (session->kind != request_.kind) {
    return refuse(RefusalReason::kInvalidState, "the session to resume is of the other kind");
  }
  if (!session->live()) {
    Refusal refusal = refuse(RefusalReason::kSessionEnded, "the session to resume has ended");
    refusal.end_reason = session->end_reason;
    refusal.ended_by = std::string(session->texts.view().ended_by);
    return refusal;
  }
  if (under_way(*session)) return still_under_way();
  adoptee_ = *id;
  return std::nullopt;
}

std::optional<Refusal> Admission::check_replaced() {
  for (const std::string& text : request_.replace_session_ids) {
    const std::optional<SessionId> id = SessionId::parse(text);
    if (is_foreign(id)) {
      return refuse_field("replace_session_ids", "must name sessions of the same user");
    }
    const Session* session = id ? record().find(*id) : nullptr;
    if (session == nullptr || !session->live() || id == adoptee_ || is_victim(*id)) continue;
    victims_.push_back(*id);
  }
  return std::nullopt;
}

const Session* Admission::claim_holder() const {
  const Session* holder = record().find(claim_.holder);
  if (holder == nullptr && foreign_holder_) holder = &*foreign_holder_;
  const bool holds = holder != nullptr && holder->id == claim_.holder && holder->live() &&
                     !overdue(*holder, now()) && holder->stream_id() == request_.stream_id;
  return holds ? holder : nullptr;
}

std::optional<Refusal> Admission::check_claim() {
  if (!publishing()) return std::nullopt;
  const Session* holder = claim_holder();
  if (holder == nullptr || holder->id == adoptee_ || is_victim(holder->id)) return std::nullopt;
  const bool own = record().find(holder->id) != nullptr;
  const bool same_user = own && !is_anonymous(record().user_id.view());
  const auto takeover = take_over(claim_, *holder, same_user, context_);
  if (!takeover) return takeover.error();
  counts_as_takeover_ = *takeover == Takeover::kOfRunning;
  if (own) {
    victims_.push_back(holder->id);
  } else {
    ends_foreign_holder_ = true;
  }
  return std::nullopt;
}

std::optional<Refusal> Admission::check_limit() {
  if (adoptee_) return std::nullopt;
  const auto plan = find_slot(record(), request_.kind, victims_, context_);
  if (!plan) return plan.error();
  victims_.insert(victims_.end(), plan->replaced.begin(), plan->replaced.end());
  beyond_limit_ = plan->beyond_limit;
  return std::nullopt;
}

std::optional<Refusal> Admission::check_place() {
  const Session* holder = claim_holder();
  if (from_media()) {
    const bool here = holder != nullptr && holder->instance_id() == request_.instance_id;
    route_ = route_to(*fleet_, request_.instance_id);
    if (!publishing() && holder != nullptr) route_ = route_to(*fleet_, holder->instance_id());
    return refuse_place(*fleet_, request_.instance_id, request_.incarnation, request_.kind, here);
  }
  if (!publishing()) {
    if (holder != nullptr) route_ = route_to(*fleet_, holder->instance_id());
    return std::nullopt;
  }
  if (fleet_->instances.empty()) return std::nullopt;
  const InstanceRecord* picked = pick_instance(*fleet_);
  if (picked == nullptr) {
    return refuse(RefusalReason::kNoInstanceCapacity, "no instance takes a publisher now",
                  context_.settings.phase);
  }
  route_ = picked->route;
  return std::nullopt;
}

AdmissionDecision Admission::foresee() {
  AdmitAnswer answer;
  answer.user_id = record().user_id;
  answer.route = route_;
  answer.resumed = adoptee_.has_value();
  answer.beyond_limit = beyond_limit_;
  if (adoptee_) {
    answer.session = as_seen(*record().find(*adoptee_), context_);
  } else {
    answer.session.kind = request_.kind;
    answer.session.texts = PackedTexts(texts_of(request_));
    open(answer.session, context_);
  }
  AdmissionDecision decision{std::move(change_), std::move(answer)};
  decision.changed = false;
  return decision;
}

void Admission::apply_adoption() {
  Session& session = *change_.find(*adoptee_);
  if (!from_media()) {
    extend_for_connection(session, context_);
    change_.edit();
    return;
  }
  // Within one instance only the epoch tells an old publishing connection from the new one, and
  // a player's connections are the instance's own business.
  if (publishing() || session.instance_id() != request_.instance_id) {
    change_.tell_holder(session, EndReason::kMoved);
  }
  adopt(session,
        {.instance_id = request_.instance_id,
         .holder = holder_digest(request_.instance_id, request_.incarnation),
         .epoch = publishing() ? claim_.epoch + 1 : 0,
         .client = texts_of(request_)},
        context_);
  change_.note(EventType::kResumed, session);
}

void Admission::apply_new() {
  Session session;
  session.id = fresh_;
  session.kind = request_.kind;
  session.texts = PackedTexts(texts_of(request_));
  session.epoch = publishing() ? claim_.epoch + 1 : 0;
  session.lease.holder = holder_digest(request_.instance_id, request_.incarnation);
  open(session, context_);
  UserRecord& record = change_.edit();
  // Exactly as large as needed: a million records are kept.
  record.sessions.reserve(record.sessions.size() + 1);
  record.sessions.push_back(session);
  change_.note(EventType::kAdmitted, session);
}

StreamClaim Admission::claim_for(const SessionId& id) const {
  StreamClaim claim = claim_;
  claim.stream_id = Text(request_.stream_id);
  claim.epoch = claim_.epoch + 1;
  claim.holder = id;
  claim.holder_user = record().user_id;
  claim.started = context_.now.wall;
  if (counts_as_takeover_) claim.last_takeover = now();
  claim.review_at = now() + context_.settings.tombstone;
  return claim;
}

void Admission::remember(const SessionId& id) {
  if (request_.request_id.empty()) return;
  std::vector<RememberedRequest>& requests = change_.edit().requests;
  if (requests.size() >= context_.settings.max_remembered_requests_per_user) {
    requests.erase(requests.begin());
  }
  requests.reserve(requests.size() + 1);
  requests.push_back({.id_digest = Digest{}.add(request_.request_id).value(),
                      .parameters_digest = parameters_digest(request_),
                      .session = id,
                      .until = now() + context_.settings.request_id_memory});
}

AdmissionDecision Admission::apply() {
  const SessionId admitted = adoptee_.value_or(fresh_);
  for (const SessionId& id : victims_) {
    change_.end(*change_.find(id), EndReason::kReplaced, admitted.str());
  }
  if (adoptee_) {
    apply_adoption();
  } else {
    apply_new();
  }
  remember(admitted);
  AdmitAnswer answer;
  answer.user_id = record().user_id;
  answer.session = as_seen(*record().find(admitted), context_);
  answer.route = route_;
  answer.resumed = adoptee_.has_value();
  answer.beyond_limit = beyond_limit_;
  const bool connects = !adoptee_ || from_media();
  std::optional<StreamClaim> claim;
  if (publishing() && connects) claim = claim_for(admitted);
  AdmissionDecision decision{std::move(change_), std::move(answer)};
  decision.claim = std::move(claim);
  decision.ends_foreign_holder = ends_foreign_holder_;
  return decision;
}

}  // namespace

AdmissionDecision admit(AdmissionSnapshot snapshot, const AdmitRequest& request,
                        const SessionId& fresh, const Context& context) {
  return Admission(std::move(snapshot), request, fresh, context).decide();
}

Decision<bool> undo_admission(UserRecord record, const UserRecord& before, const SessionId& id,
                              EndReason reason, const Context& context) {
  RecordChange change(std::move(record), context);
  UserRecord& kept = change.edit();
  Session* session = change.find(id);
  const Session* old = before.find(id);
  if (session != nullptr && session->live()) {
    if (old == nullptr || !old->live()) {
      change.finish(*session, reason, "another publisher was given the stream");
    } else {
      *session = *old;
      if (session->interrupted) change.note(EventType::kInterrupted, *session);
    }
  }
  std::erase_if(kept.requests, [&](const RememberedRequest& request) {
    return request.session == id &&
           std::ranges::find(before.requests, request.id_digest, &RememberedRequest::id_digest) ==
               before.requests.end();
  });
  return {std::move(change), true};
}

}  // namespace weir::control::domain
