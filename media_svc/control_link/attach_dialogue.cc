#include "media_svc/control_link/attach_dialogue.h"

#include <utility>

#include "common/grpc/proto_time.h"
#include "common/log/log.h"
#include "media_svc/control_link/shutdown_codec.h"

namespace weir::media::control_link {
namespace {

// instance_service.proto: the most sessions of one HeldSessions or Touches, and how often Touches
// may come where they are not full.
constexpr std::size_t kBatch = 1'000;
constexpr Duration kTouchInterval{500};
// Until Welcome says otherwise (operations.md, --instance-report-interval, --instance-lease).
constexpr Duration kReportInterval{2'000};
constexpr Duration kLease{15'000};

void fill(v1::Route& proto, const Route& route) {
  proto.set_instance_id(route.instance_id);
  proto.set_rtmp_url(route.rtmp_url);
  proto.set_rtmps_url(route.rtmps_url);
  proto.set_relay_url(route.relay_url);
}

}  // namespace

AttachDialogue::AttachDialogue(Introduction introduction, Outbox& outbox,
                               std::function<InstanceStatus()> status)
    : introduction_(std::move(introduction)),
      outbox_(outbox),
      status_(std::move(status)),
      report_interval_(kReportInterval),
      lease_(kLease) {}

void AttachDialogue::restart() {
  step_ = Step::kHello;
  held_until_.reset();
  welcomed_ = false;
  next_report_ = {};
  next_touches_ = {};
  farewell_ = Farewell::kNone;
  outbox_.resend();
}

std::optional<v1::AttachRequest> AttachDialogue::next(SteadyTime now) {
  switch (step_) {
    case Step::kHello:
      step_ = Step::kHeld;
      return hello();
    case Step::kHeld:
      return held();
    case Step::kLive:
      break;
  }
  if (farewell_ == Farewell::kSaid) return std::nullopt;
  if (now >= next_report_ || farewell_ == Farewell::kDue) {
    if (farewell_ == Farewell::kDue) farewell_ = Farewell::kSaid;
    next_report_ = now + report_interval_;
    return report();
  }
  if (const Outbox::Event* next = outbox_.next_event()) return event(*next);
  const bool due = outbox_.touches() > 0 && now >= next_touches_;
  if (due || outbox_.touches() >= kBatch) {
    next_touches_ = now + kTouchInterval;
    return touches();
  }
  return std::nullopt;
}

v1::AttachRequest AttachDialogue::hello() const {
  v1::AttachRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello.set_instance_id(introduction_.identity.instance_id);
  hello.set_incarnation(introduction_.identity.incarnation);
  hello.set_version(introduction_.version);
  fill(*hello.mutable_route(), introduction_.route);
  return request;
}

v1::AttachRequest AttachDialogue::held() {
  v1::AttachRequest request;
  v1::HeldSessions& proto = *request.mutable_held();
  const auto batch = outbox_.held_after(held_until_ ? &*held_until_ : nullptr, kBatch);
  for (const Outbox::Held* held : batch) {
    v1::HeldSession& session = *proto.add_sessions();
    session.set_session_id(held->session.session_id);
    session.set_epoch(held->session.epoch);
    *session.mutable_admission() = to_proto(held->admission, introduction_.identity, {});
    const bool publishes = held->session.kind == SessionKind::kPublish;
    if (publishes && held->media) *session.mutable_media() = to_proto(*held->media);
  }
  if (batch.size() < kBatch) {
    proto.set_last(true);
    step_ = Step::kLive;
  } else {
    held_until_ = key_of(batch.back()->session);
  }
  return request;
}

v1::AttachRequest AttachDialogue::report() const {
  const InstanceStatus status = status_();
  v1::AttachRequest request;
  v1::Report& report = *request.mutable_report();
  report.set_ready(status.ready);
  report.set_remaining_publishers(status.publishers);
  report.set_remaining_players(status.players);
  report.set_drain_generation(status.drain_generation);
  *report.mutable_load() = to_proto(status);
  return request;
}

v1::AttachRequest AttachDialogue::event(const Outbox::Event& event) const {
  v1::AttachRequest request;
  v1::SessionEvent& proto = *request.mutable_event();
  proto.set_sequence(event.sequence);
  proto.set_session_id(event.session.session_id);
  proto.set_epoch(event.session.epoch);
  proto.set_kind(to_proto(event.report));
  *proto.mutable_event_time() = wire::to_proto(event.time);
  *proto.mutable_media() = to_proto(event.media);
  return request;
}

v1::AttachRequest AttachDialogue::touches() {
  v1::AttachRequest request;
  for (std::string& id : outbox_.take_touches(kBatch)) {
    request.mutable_touches()->add_session_ids(std::move(id));
  }
  return request;
}

std::optional<Order> AttachDialogue::take(const v1::AttachResponse& response) {
  switch (response.message_case()) {
    case v1::AttachResponse::kWelcome:
      welcomed_ = true;
      relay_key_ = response.welcome().relay_key();
      report_interval_ =
          wire::from_proto(response.welcome().report_interval()).value_or(kReportInterval);
      lease_ = wire::from_proto(response.welcome().lease()).value_or(kLease);
      break;
    case v1::AttachResponse::kEventsTaken:
      outbox_.events_taken(response.events_taken().sequence());
      break;
    case v1::AttachResponse::kEndSession:
      outbox_.ended_by_control(response.end_session().session_id(), response.end_session().epoch());
      break;
    case v1::AttachResponse::MESSAGE_NOT_SET:
      // Of a newer control.
      log::warn("control.order_ignored", {}, "control asks for something that is not known here");
      break;
    default:
      break;
  }
  return order_from(response);
}

void AttachDialogue::conclude() {
  if (farewell_ == Farewell::kNone) farewell_ = Farewell::kDue;
}

}  // namespace weir::media::control_link
