#include "control_svc/rpc/attach_stream.h"

#include <atomic>
#include <utility>
#include <vector>

#include "common/grpc/status.h"
#include "control_svc/domain/field_check.h"
#include "control_svc/rpc/attach_messages.h"
#include "control_svc/rpc/conversions.h"
#include "control_svc/rpc/status_map.h"
#include "control_svc/rpc/validation.h"

namespace weir::control::rpc {
namespace {

using domain::Outcome;
using domain::RefusalReason;
using domain::SessionReport;
using domain::UserSession;
using weir::v1::AttachRequest;
using weir::v1::AttachResponse;

// An instance that is told to attach again spreads that over so long.
constexpr Duration kReattachWithin = std::chrono::seconds{10};

grpc::Status misuse(const char* what) {
  return wire::StatusBuilder(grpc::StatusCode::FAILED_PRECONDITION, "INVALID_STATE", what).build();
}

grpc::Status status_of(InstanceLine::CloseReason reason) {
  switch (reason) {
    case InstanceLine::CloseReason::kReplaced:
      return wire::StatusBuilder(grpc::StatusCode::ABORTED, "LINE_REPLACED",
                                 "the instance attached again")
          .build();
    case InstanceLine::CloseReason::kStale:
      return wire::StatusBuilder(grpc::StatusCode::ABORTED, "STALE_INCARNATION",
                                 "the instance has started anew since")
          .build();
    case InstanceLine::CloseReason::kLost:
      return wire::StatusBuilder(grpc::StatusCode::UNAVAILABLE, "LEASE_EXPIRED",
                                 "nothing was heard for too long; attach again")
          .build();
    case InstanceLine::CloseReason::kStopping:
      return wire::StatusBuilder(grpc::StatusCode::UNAVAILABLE, "STOPPING",
                                 "control stops; attach again")
          .build();
  }
  return grpc::Status::OK;
}

grpc::ByteBuffer to_bytes(const AttachResponse& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

// A session that is not the instance's to speak for; what else fails is tried again later.
bool is_settled(const domain::Refusal& refusal) {
  return refusal.reason != RefusalReason::kStoreUnavailable;
}

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* AttachStream::start(
    const AttachContext& context) {
  auto stream = std::make_shared<AttachStream>(context);
  stream->self_ = stream;
  stream->StartRead(&stream->incoming_);
  return stream.get();
}

// gRPC's side.

void AttachStream::OnReadDone(bool ok) {
  if (!ok) return on_end();
  if (!message_.read(incoming_)) {
    return finish(wire::StatusBuilder(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_FIELD",
                                      "the message is no AttachRequest")
                      .build());
  }
  handle();
}

void AttachStream::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  writing_ = false;
  if (!ok) {
    waiting_.clear();
    if (!farewell_) farewell_ = grpc::Status::CANCELLED;
  }
  write_next(lock);
}

void AttachStream::OnCancel() { finish(grpc::Status::CANCELLED); }

void AttachStream::OnDone() {
  context_.lines.detach(hello_.instance_id, this);
  self_.reset();
}

void AttachStream::read_on() {
  const std::scoped_lock lock(mutex_);
  if (finished_ || farewell_) return;
  reading_paused_ = events_under_way_.size() >= kMaxEventsUnderWay;
  if (!reading_paused_) StartRead(&incoming_);
}

void AttachStream::send(AttachResponse message) {
  std::unique_lock lock(mutex_);
  if (finished_ || farewell_ || waiting_.size() >= kMaxWaiting) return;
  // A later acknowledgement covers those that still wait.
  if (message.has_events_taken()) {
    std::erase_if(waiting_, [](const AttachResponse& each) { return each.has_events_taken(); });
  }
  waiting_.push_back(std::move(message));
  write_next(lock);
}

void AttachStream::write_next(std::unique_lock<std::mutex>& lock) {
  if (writing_ || finished_) return;
  if (!waiting_.empty()) {
    outgoing_ = to_bytes(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
    StartWrite(&outgoing_);
    return;
  }
  if (!farewell_) return;
  finished_ = true;
  const grpc::Status farewell = *farewell_;
  // Finish may call OnDone, which may end this object.
  lock.unlock();
  Finish(farewell);
}

void AttachStream::finish(grpc::Status status) {
  std::unique_lock lock(mutex_);
  state_ = State::kClosed;
  if (!farewell_) farewell_ = std::move(status);
  write_next(lock);
}

AttachStream::State AttachStream::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

void AttachStream::set_state(State state) {
  const std::scoped_lock lock(mutex_);
  if (state_ != State::kClosed) state_ = state;
}

std::uint32_t AttachStream::holder() const {
  return domain::holder_digest(hello_.instance_id, hello_.incarnation);
}

// What others want said.

void AttachStream::end_session(const domain::EndNotice& notice) { send(rpc::end_session(notice)); }

void AttachStream::move(const domain::MoveOrder& order) { send(move_stream(order)); }

void AttachStream::order(const domain::InstanceRecord& instance) {
  for (AttachResponse& message : orders(instance, context_.clock.now())) send(std::move(message));
}

void AttachStream::close(CloseReason reason) {
  if (reason == CloseReason::kStopping) send(reattach(kReattachWithin));
  finish(status_of(reason));
}

void AttachStream::end(std::string session_id, std::int64_t epoch, const domain::Refusal& refusal) {
  send(end_refused(std::move(session_id), epoch, refusal));
}

// What the instance says.

void AttachStream::handle() {
  const State state = this->state();
  switch (message_.message_case()) {
    case AttachRequest::kHello:
      if (state != State::kGreeting) return finish(misuse("Hello comes once, first"));
      return on_hello(message_.proto().hello());
    case AttachRequest::kHeld:
      if (state != State::kTakingIn) return finish(misuse("HeldSessions come after Hello"));
      return on_held(message_.proto().held());
    case AttachRequest::kReport:
    case AttachRequest::kEvent:
    case AttachRequest::kTouches:
      if (state != State::kAttached) return finish(misuse("Hello and HeldSessions come first"));
      context_.lines.heard(hello_.instance_id, hello_.incarnation, context_.clock.now().steady);
      if (message_.message_case() == AttachRequest::kTouches) return on_touches();
      if (message_.proto().has_event()) return on_event(message_.proto().event());
      return on_report(message_.proto().report());
    case AttachRequest::MESSAGE_NOT_SET:
      return finish(misuse("an empty message says nothing"));
  }
}

void AttachStream::on_hello(const weir::v1::Hello& hello) {
  const Now now = context_.clock.now();
  if (const auto refusal = validate(hello).refusal()) return finish(to_status(*refusal, now));
  hello_ = to_domain(hello);
  context_.fleet.greet(
      hello_, [self = shared_from_this(), now](const Outcome<domain::ReportRhythm>& outcome) {
        if (!outcome) {
          if (outcome.error().reason == RefusalReason::kStaleIncarnation) {
            self->context_.observer.on_stale_write(StaleWrite::kHello);
          }
          return self->finish(to_status(outcome.error(), now));
        }
        self->set_state(State::kTakingIn);
        self->context_.lines.attach(self->hello_, self, outcome->interval, now.steady);
        const domain::InstanceHello& hello = self->hello_;
        self->send(welcome(
            *outcome, self->context_.relay_secret.key_of(hello.instance_id, hello.incarnation)));
        self->read_on();
      });
}

void AttachStream::on_held(const weir::v1::HeldSessions& held) {
  if (const auto refusal = validate(held).refusal()) {
    return finish(to_status(*refusal, context_.clock.now()));
  }
  context_.lines.heard(hello_.instance_id, hello_.incarnation, context_.clock.now().steady);
  // One more for this function, so that the last to finish is never among the first.
  const auto pending = std::make_shared<std::atomic<int>>(held.sessions_size() + 1);
  const auto finish_one = [self = shared_from_this(), pending, last = held.last()] {
    if (pending->fetch_sub(1) != 1) return;
    if (last) return self->take_in();
    self->read_on();
  };
  for (const weir::v1::HeldSession& session : held.sessions()) assert_held(session, finish_one);
  finish_one();
}

void AttachStream::assert_held(const weir::v1::HeldSession& held, std::function<void()> done) {
  domain::HeldSession session = to_domain(held);
  session.admission.instance_id = hello_.instance_id;
  session.admission.incarnation = hello_.incarnation;
  context_.sessions.assert_held(
      std::move(session), context_.clock.now(),
      [self = shared_from_this(), id = held.session_id(), epoch = held.epoch(),
       done = std::move(done)](const Outcome<domain::AdmitAnswer>& outcome) {
        if (outcome && outcome->beyond_limit) {
          self->context_.observer.on_admission(outcome->session.kind, outcome);
        }
        if (!outcome && is_settled(outcome.error())) self->end(id, epoch, outcome.error());
        if (!outcome && !is_settled(outcome.error())) {
          self->finish(to_status(outcome.error(), self->context_.clock.now()));
        }
        done();
      });
}

void AttachStream::take_in() {
  const Now now = context_.clock.now();
  context_.fleet.take_in(
      hello_, now,
      [self = shared_from_this(), now](const Outcome<domain::InstanceSnapshot>& outcome) {
        if (!outcome) return self->finish(to_status(outcome.error(), now));
        self->starting_ = (*outcome)->state == domain::InstanceState::kStarting;
        self->set_state(State::kAttached);
        self->context_.mover.begin_again(self->hello_.instance_id);
        self->order(**outcome);
        self->read_on();
      });
}

void AttachStream::on_end() {
  const bool attached = state() == State::kAttached;
  if (attached && context_.lines.left(hello_.instance_id, hello_.incarnation)) look_now();
  finish(grpc::Status::OK);
}

void AttachStream::look_now() {
  context_.fleet.watch(context_.lines.sightings(), context_.clock.now(), [] {});
}

void AttachStream::on_report(const weir::v1::Report& report) {
  if (const auto refusal = validate(report).refusal()) {
    return finish(to_status(*refusal, context_.clock.now()));
  }
  domain::InstanceSighting sighting = to_domain(report);
  sighting.instance_id = hello_.instance_id;
  sighting.incarnation = hello_.incarnation;
  sighting.heard = context_.clock.now().steady;
  context_.lines.reported(sighting);
  if (starting_ && report.ready()) {
    starting_ = false;
    look_now();
  }
  read_on();
}

void AttachStream::on_touches() {
  const std::span<const domain::SessionId> touched = message_.touched();
  if (const auto refusal = validate_touches(touched.size()).refusal()) {
    return finish(to_status(*refusal, context_.clock.now()));
  }
  context_.sessions.touch_many(
      {touched.begin(), touched.end()}, holder(), context_.clock.now(),
      [self = shared_from_this()](const Outcome<std::vector<domain::TouchFailure>>& outcome) {
        // A touch that could not be taken is sent again before the session expires.
        if (outcome) self->touches_taken(*outcome);
        self->read_on();
      });
}

void AttachStream::touches_taken(const std::vector<domain::TouchFailure>& failures) {
  count_touches(context_.observer, message_.touched().size(), failures);
  for (const domain::TouchFailure& failure : failures) {
    domain::Refusal refusal;
    refusal.reason = failure.found ? RefusalReason::kSessionEnded : RefusalReason::kSessionNotFound;
    refusal.end_reason = failure.end_reason;
    end(message_.touched_id(failure.place), 0, refusal);
  }
}

void AttachStream::on_event(const weir::v1::SessionEvent& event) {
  const Now now = context_.clock.now();
  if (const auto refusal = validate(event).refusal()) return finish(to_status(*refusal, now));
  const std::int64_t sequence = event.sequence();
  bool known = false;
  {
    const std::scoped_lock lock(mutex_);
    if (last_event_ == 0) {
      last_event_ = context_.lines.events_taken(hello_.instance_id, hello_.incarnation);
    }
    known = sequence <= last_event_;
    if (!known) {
      last_event_ = sequence;
      events_under_way_.insert(sequence);
    }
  }
  SessionReport report = to_domain(event);
  report.instance_id = hello_.instance_id;
  report.incarnation = hello_.incarnation;
  const auto session = domain::SessionId::parse(event.session_id());
  if (known) {
    acknowledge();
    return read_on();
  }
  if (!session) {
    event_taken(sequence, domain::refuse(RefusalReason::kSessionNotFound, ""), report);
    return read_on();
  }
  report.session = *session;
  context_.sessions.report(
      report, now,
      [self = shared_from_this(), sequence, report](const Outcome<UserSession>& outcome) {
        self->event_taken(sequence, outcome, report);
      });
  read_on();
}

void AttachStream::event_taken(std::int64_t sequence, const Outcome<UserSession>& outcome,
                               const SessionReport& report) {
  if (!outcome && !is_settled(outcome.error())) {
    return finish(to_status(outcome.error(), context_.clock.now()));
  }
  if (!outcome && outcome.error().reason == RefusalReason::kStaleEpoch) {
    context_.observer.on_stale_write(StaleWrite::kSessionEvent);
  }
  // A session that its instance itself says is over needs no end.
  const bool over =
      report.kind == SessionReport::Kind::kCompleted || report.kind == SessionReport::Kind::kFailed;
  if (!outcome && !over && !report.session.empty()) {
    end(report.session.str(), report.epoch, outcome.error());
  }
  bool resume = false;
  {
    const std::scoped_lock lock(mutex_);
    events_under_way_.erase(sequence);
    resume = std::exchange(reading_paused_, false);
  }
  acknowledge();
  if (resume) read_on();
}

void AttachStream::acknowledge() {
  AttachResponse message;
  {
    const std::scoped_lock lock(mutex_);
    const std::int64_t taken =
        events_under_way_.empty() ? last_event_ : *events_under_way_.begin() - 1;
    message.mutable_events_taken()->set_sequence(taken);
    context_.lines.note_events_taken(hello_.instance_id, hello_.incarnation, taken);
  }
  send(std::move(message));
}

}  // namespace weir::control::rpc
