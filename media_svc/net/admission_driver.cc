#include "media_svc/net/admission_driver.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "common/log/log.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/net/rtmp_connection.h"

namespace weir::media::net {

using admission::Action;
using admission::Event;
using admission::State;
using control_link::SessionKind;
using control_link::SessionReport;

namespace {

// Between two questions about a player that was let in without control.
constexpr Duration kAskAgain{1'000};
// So often it may hear that the instance takes no new work: control has yet to hear of an instance
// that it had given up.
constexpr int kNotAcceptedYet = 5;

// For a publisher's first media to say what it is, before control hears of the start.
constexpr Duration kDescribeWithin{500};

// Between two looks at what a publisher's media has become.
constexpr Duration kLookAgain{2'000};

constexpr const char* kEndedAtOnce = "control has ended the session";

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

AdmissionDriver::AdmissionDriver(RtmpConnection& connection, StreamRequest request)
    : connection_(&connection),
      worker_(connection.worker()),
      request_(std::move(request)),
      stream_id_(request_.address.stream_id()),
      requested_at_(steady_now()) {}

bool AdmissionDriver::accepting() const { return context().accepting; }

bool AdmissionDriver::may_ask() const { return accepting() || context().control.connected(); }

void AdmissionDriver::step(Event event) {
  const auto alive = shared_from_this();
  for (const Action action : machine_.step(event)) perform(action);
  if (machine_.state() == State::kOver) finish();
  const bool nothing_for_the_client =
      machine_.state() == State::kOver || machine_.state() == State::kAbandoned;
  if (nothing_for_the_client && connection_) std::exchange(connection_, nullptr)->retire(*this);
}

void AdmissionDriver::connection_closed(bool client_left) {
  connection_ = nullptr;
  step(client_left ? left_event() : Event::kClientLost);
}

void AdmissionDriver::on_tick(SteadyTime now) {
  if (state() == State::kAsking && now - requested_at_ >= context().limits.admission_timeout) {
    context().offline.control_lost(now);
    if (admit_offline(now)) return;
    count_answer("timeout");
    refuse_with(status_of(
        {.reason = control_link::RefusalReason::kUnreachable, .message = {}, .retry_after = {}},
        kind()));
    step(Event::kDeadline);
    return;
  }
  tell_start(now);
  tell_change(now);
  if (is_running() && let_in_offline_ && !session_ && !asking_ && now >= next_ask_ &&
      context().control.connected())
    ask();
  if (is_running() && session_ && media_moved_ && now >= next_touch_) {
    context().control.touch(key_of(session()));
    media_moved_ = false;
    // Early enough that a batch on its way does not make it late.
    next_touch_ = now + session().touch_interval * 3 / 4;
  }
}

void AdmissionDriver::perform(Action action) {
  switch (action) {
    case Action::kAsk:
      return ask();
    case Action::kHold:
      return hold();
    case Action::kStart:
      started_at_ = steady_now();
      return start();
    case Action::kRefuse:
      if (connection_) {
        log::info(kind() == SessionKind::kPublish ? "publish.refused" : "play.refused",
                  {{"stream_id", stream_id_},
                   {"peer", connection_->peer()},
                   {"reason", refusal_.description}},
                  "request refused");
        // First, as most clients read nothing after a refusal.
        if (refusal_.place) connection_->request_reconnect(*refusal_.place);
        refuse(refusal_);
      }
      return;
    case Action::kLetGo:
      return let_go();
    case Action::kGiveBack:
      if (session_) context().control.give_back(key_of(session()));
      return;
    case Action::kReportStarted:
      start_untold_ = true;
      return tell_start(started_at_);
    case Action::kReportCompleted:
      return report(SessionReport::kCompleted);
    case Action::kReportInterrupted:
      return report(SessionReport::kInterrupted);
    case Action::kClose:
      if (connection_) {
        log_end();
        close(close_reason_);
      }
      return;
  }
}

// By control or for another's sake; who only moves has been reported as interrupted.
void AdmissionDriver::log_end() const {
  if (!session_ || close_reason_.empty()) return;
  log::info(kind() == SessionKind::kPublish ? "publish.ended" : "play.ended",
            {{"session_id", session().session_id},
             {"user_id", session().user_id},
             {"stream_id", stream_id_},
             {"epoch", session().epoch},
             {"peer", connection_->peer()},
             {"reason", close_reason_}},
            "the client was told that its stream is over");
}

control_link::AdmissionRequest AdmissionDriver::admission_request() const {
  const rtmp::StreamAddress& address = request_.address;
  const std::string_view token = address.parameter("token");
  return {.kind = kind(),
          .stream_id = stream_id_,
          .user_id = std::string(address.parameter("user")),
          .credential = std::string(token.empty() ? address.parameter("key") : token),
          .resume_session_id = std::string(address.parameter("session")),
          .client_address = connection_->peer_address(),
          .client_protocol = connection_->protocol(),
          .user_agent = connection_->client_software()};
}

void AdmissionDriver::ask() {
  control_link::AdmissionRequest request = admission_request();
  if (kind() == SessionKind::kPublish) identity_ = context().offline.identity_of(request);
  asking_ = true;
  context().control.admit(std::move(request), [self = shared_from_this(), &worker = worker_.worker](
                                                  control_link::AdmissionOutcome outcome) {
    worker.post(
        [self, outcome = std::move(outcome)]() mutable { self->answered(std::move(outcome)); });
  });
}

void AdmissionDriver::answered(control_link::AdmissionOutcome outcome) {
  asking_ = false;
  const bool unreachable =
      !outcome && outcome.error().reason == control_link::RefusalReason::kUnreachable;
  if (!unreachable) context().offline.control_back();
  if (let_in_offline_) return answered_afterwards(std::move(outcome));
  if (unreachable && state() == State::kAsking) {
    const SteadyTime now = steady_now();
    context().offline.control_lost(now);
    if (admit_offline(now)) return;
  }
  if (!outcome) {
    if (state() == State::kAsking) count_answer(name(outcome.error().reason));
    refuse_with(status_of(outcome.error(), kind()));
    return step(Event::kDenied);
  }
  if (state() == State::kAsking) {
    worker().admitted(kind()).Observe(seconds(steady_now() - requested_at_));
  }
  if (take(std::move(*outcome))) return step(Event::kAdmitted);
  refuse_with(denied(kind(), kEndedAtOnce));
  step(Event::kDenied);
}

bool AdmissionDriver::take(control_link::Session session) {
  session_ = std::move(session);
  const std::weak_ptr<AdmissionDriver> weak = weak_from_this();
  directory_entry_ = context().sessions.add(
      *session_, [weak, &worker = worker_.worker](const SessionDirectory::Order& order) {
        worker.post([weak, order] {
          if (const auto self = weak.lock()) self->on_order(order);
        });
      });
  // An end that came before this heard nobody here.
  return context().control.holds(key_of(*session_));
}

bool AdmissionDriver::admit_offline(SteadyTime now) {
  if (kind() == SessionKind::kPlay) {
    if (!context().offline.admit_player(now)) return false;
  } else {
    auto session = context().offline.resume(stream_id_, identity_, now);
    if (!session) return false;
    context().control.take_up(*session, admission_request());
    std::ignore = take(std::move(*session));
  }
  let_in_offline_ = true;
  count_answer("offline");
  log::warn("admission.offline", {{"stream_id", stream_id_}, {"kind", name(kind())}},
            "let in without control, which does not answer");
  step(Event::kAdmitted);
  return true;
}

void AdmissionDriver::answered_afterwards(control_link::AdmissionOutcome outcome) {
  const bool over = state() == State::kOver;
  if (!outcome) {
    next_ask_ = steady_now() + kAskAgain;
    if (over || outcome.error().reason == control_link::RefusalReason::kUnreachable) return;
    // A session that goes on is told in the next Hello. Control decides then, knowing what has
    // become of the connection before, which it need not have known for this answer.
    if (session_) return;
    const bool not_accepted = outcome.error().reason == control_link::RefusalReason::kNotAccepting;
    if (not_accepted && accepting() && ++not_accepted_ < kNotAcceptedYet) return;
    const RefusalStatus status = status_of(outcome.error(), kind());
    close_reason_ = status.description;
    refuse_with(status);
    return step(Event::kRevoked);
  }
  if (over) return context().control.give_back(key_of(*outcome));
  if (session_) context().control.let_go(key_of(session()));
  if (!take(std::move(*outcome))) return revoke(kEndedAtOnce);
  // Else it is reported when it starts.
  if (is_running()) report(SessionReport::kStarted);
}

void AdmissionDriver::on_order(const SessionDirectory::Order& order) {
  if (const auto* end = std::get_if<control_link::EndOrder>(&order)) return on_end_order(*end);
  if (connection_) move_to(std::get<control_link::MoveOrder>(order).target);
}

void AdmissionDriver::on_end_order(const control_link::EndOrder& order) {
  // Again: it may have started since the order came.
  if (kind() == SessionKind::kPublish) context().offline.ended(key_of(session()));
  close_reason_ = order.message.empty() ? "session " + order.reason
                                        : "session " + order.reason + ": " + order.message;
  refuse_with(denied(kind(), close_reason_));
  if (order.reason == "moved") set_moving();
  step(Event::kRevoked);
}

void AdmissionDriver::revoke(std::string why) {
  close_reason_ = std::move(why);
  refuse_with(denied(kind(), close_reason_));
  step(Event::kRevoked);
}

void AdmissionDriver::refuse_as_draining() {
  refuse_with(denied(kind(), "the server is about to stop; try again"));
  step(Event::kDraining);
}

void AdmissionDriver::count_answer(std::string_view result) {
  context()
      .metrics.admission_seconds.with({name(kind()), result})
      .Observe(seconds(steady_now() - requested_at_));
}

void AdmissionDriver::tell_start(SteadyTime now) {
  if (!start_untold_ || (!is_described() && now - started_at_ < kDescribeWithin)) return;
  report(SessionReport::kStarted);
}

void AdmissionDriver::report(SessionReport report) {
  // Every end has its start.
  const bool start_untold = std::exchange(start_untold_, false);
  if (start_untold && report != SessionReport::kStarted) this->report(SessionReport::kStarted);
  // Control has yet to admit it, and hears of it then.
  if (!session_) return;
  told_ = summary(steady_now());
  context().control.report(key_of(session()), report, told_);
  const bool publish = kind() == SessionKind::kPublish;
  if (publish && report == SessionReport::kStarted) {
    context().offline.started(session(), identity_);
  } else if (publish && report == SessionReport::kCompleted) {
    context().offline.ended(key_of(session()));
  }
  const char* event = report == SessionReport::kStarted
                          ? (publish ? "publish.started" : "play.started")
                      : report == SessionReport::kInterrupted
                          ? (publish ? "publish.interrupted" : "play.interrupted")
                          : (publish ? "publish.completed" : "play.completed");
  std::string text = event;
  std::ranges::replace(text, '.', ' ');
  log::info(event,
            {{"session_id", session().session_id},
             {"user_id", session().user_id},
             {"stream_id", stream_id_},
             {"epoch", session().epoch}},
            text);
}

void AdmissionDriver::tell_change(SteadyTime now) {
  const bool described = kind() == SessionKind::kPublish && state() == State::kStarted &&
                         session_.has_value() && !start_untold_;
  if (!described || now < next_look_) return;
  next_look_ = now + kLookAgain;
  control_link::MediaSummary media = summary(now);
  if (media.has_format_of(told_)) return;
  told_ = std::move(media);
  context().control.report(key_of(session()), SessionReport::kStarted, told_);
  log::info("publish.described",
            {{"session_id", session().session_id},
             {"stream_id", stream_id_},
             {"video_codec", told_.video_codec},
             {"audio_codec", told_.audio_codec},
             {"width", told_.width},
             {"height", told_.height}},
            "the media has another format now");
}

void AdmissionDriver::finish() {
  if (std::exchange(finished_, true)) return;
  directory_entry_ = {};
  if (!session_) return;
  if (kind() == SessionKind::kPublish) context().offline.lost(key_of(session()), steady_now());
  context().control.let_go(key_of(session()));
}

}  // namespace weir::media::net
