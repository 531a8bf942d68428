#include "media_svc/control_link/control_link.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <random>
#include <utility>

#include "common/grpc/keepalive.h"

namespace weir::media::control_link {
namespace {

// Most sessions that BatchTouchSessions takes (session_service.proto), and what keeps a call short.
constexpr std::size_t kTouchBatch = 1'000;
// A control that restarts is found again within this.
constexpr Duration kReconnectBackoffMax{1'000};
constexpr Duration kReportTimeout{5'000};
// The one who asked has given up by then; a session admitted that late is given back.
constexpr Duration kLateAnswer{10'000};

std::shared_ptr<grpc::Channel> open_channel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMax.count());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, wire::kClientPingInterval.count());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, wire::kClientPingTimeout.count());
  // Links to the same target in one process (tests) must not share a connection's fate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

std::string random_id() {
  constexpr char kHex[] = "0123456789abcdef";
  thread_local std::random_device random;
  std::string id(32, '0');
  for (std::size_t i = 0; i < id.size(); i += 8) {
    std::uint32_t bits = random();
    for (std::size_t j = 0; j < 8; ++j, bits >>= 4) id[i + j] = kHex[bits & 15];
  }
  return id;
}

std::chrono::system_clock::time_point deadline_after(Duration duration) {
  return std::chrono::system_clock::now() + duration;
}

// One unary call with all that must live until its callback.
template <class Request, class Response>
struct Call {
  grpc::ClientContext context;
  Request request;
  Response response;
};

bool control_did_not_answer(const grpc::Status& status) {
  return status.error_code() == grpc::UNAVAILABLE ||
         status.error_code() == grpc::DEADLINE_EXCEEDED || status.error_code() == grpc::CANCELLED;
}

}  // namespace

ControlLink::ControlLink(LinkOptions options, LinkEvents events)
    : options_(std::move(options)),
      events_(std::move(events)),
      channel_(open_channel(options_.target)),
      sessions_(v1::SessionService::NewStub(channel_)),
      thread_([this] { run(); }) {}

ControlLink::~ControlLink() { stop(); }

void ControlLink::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  calls_.cancel_and_wait();
}

void ControlLink::admit(const AdmissionRequest& request, AdmissionDone done) {
  using AdmitCall = Call<v1::AdmitSessionRequest, v1::AdmitSessionResponse>;
  auto call = std::make_shared<AdmitCall>();
  call->request = to_proto(request, {}, random_id());
  call->context.set_deadline(deadline_after(options_.admission_timeout + kLateAnswer));
  if (!calls_.add(call->context)) {
    done(Refusal{
        .reason = RefusalReason::kUnreachable, .message = "shutting down", .retry_after = {}});
    return;
  }
  sessions_->async()->AdmitSession(
      &call->context, &call->request, &call->response,
      [this, call, done = std::move(done)](const grpc::Status& status) {
        events_.call_done("AdmitSession", code_text(status.error_code()));
        if (status.ok()) {
          Session session = session_from(call->response);
          {
            const std::scoped_lock lock(mutex_);
            outbox_.hold(session);
          }
          done(std::move(session));
        } else {
          done(refusal_from(status));
        }
        calls_.remove(call->context);
      });
}

void ControlLink::touch(const std::string& session_id) {
  const std::scoped_lock lock(mutex_);
  outbox_.touch(session_id);
}

void ControlLink::report(const std::string& session_id, SessionReport report) {
  {
    const std::scoped_lock lock(mutex_);
    switch (report) {
      // The first renewal makes a session active.
      case SessionReport::kStarted:
        outbox_.touch(session_id);
        break;
      case SessionReport::kCompleted:
      case SessionReport::kFailed:
        outbox_.release(session_id);
        break;
      case SessionReport::kInterrupted:
        break;
    }
  }
  wake_.notify_all();
}

void ControlLink::let_go(const std::string& session_id) { give_back(session_id); }

void ControlLink::give_back(const std::string& session_id) {
  {
    const std::scoped_lock lock(mutex_);
    outbox_.release(session_id);
  }
  wake_.notify_all();
}

bool ControlLink::flush(Duration limit) {
  std::unique_lock lock(mutex_);
  return taken_.wait_for(lock, limit, [this] { return outbox_.open_releases() == 0; });
}

void ControlLink::run() {
  std::unique_lock lock(mutex_);
  auto next_batch = std::chrono::steady_clock::now();
  while (!stopping_) {
    const bool batch_due = std::chrono::steady_clock::now() >= next_batch;
    if (batch_due) next_batch = std::chrono::steady_clock::now() + options_.batch_interval;

    std::vector<std::string> releases = outbox_.take_releases();
    std::vector<std::string> touches;
    const bool touch = batch_due && !touches_under_way_;
    if (touch) touches = outbox_.take_touches(kTouchBatch);

    lock.unlock();
    if (batch_due && channel_->GetState(/*try_to_connect=*/true) != GRPC_CHANNEL_READY) {
      set_connected(false);
    }
    for (std::string& id : releases) send_release(std::move(id));
    if (touch && (!touches.empty() || !connected_)) send_touches(std::move(touches));
    lock.lock();

    // Without an answer from control, releases wait for the next batch rather than spin.
    wake_.wait_until(lock, next_batch,
                     [this] { return stopping_ || (connected_ && outbox_.has_releases()); });
  }
}

void ControlLink::send_release(std::string session_id) {
  using ReleaseCall = Call<v1::ReleaseSessionRequest, v1::ReleaseSessionResponse>;
  auto call = std::make_shared<ReleaseCall>();
  call->request.set_session_id(std::move(session_id));
  call->context.set_deadline(deadline_after(kReportTimeout));
  if (!calls_.add(call->context)) return;
  sessions_->async()->ReleaseSession(
      &call->context, &call->request, &call->response, [this, call](const grpc::Status& status) {
        events_.call_done("ReleaseSession", code_text(status.error_code()));
        release_answered(call->request.session_id(), !control_did_not_answer(status));
        calls_.remove(call->context);
      });
}

void ControlLink::release_answered(const std::string& session_id, bool taken) {
  if (!taken) set_connected(false);
  const std::scoped_lock lock(mutex_);
  if (taken) {
    outbox_.release_taken(session_id);
    if (outbox_.open_releases() == 0) taken_.notify_all();
  } else {
    outbox_.release_lost(session_id);
  }
}

void ControlLink::send_touches(std::vector<std::string> session_ids) {
  using TouchCall = Call<v1::BatchTouchSessionsRequest, v1::BatchTouchSessionsResponse>;
  auto call = std::make_shared<TouchCall>();
  call->request.mutable_session_ids()->Assign(session_ids.begin(), session_ids.end());
  call->context.set_deadline(deadline_after(kReportTimeout));
  if (!calls_.add(call->context)) return;
  {
    const std::scoped_lock lock(mutex_);
    touches_under_way_ = true;
  }
  sessions_->async()->BatchTouchSessions(
      &call->context, &call->request, &call->response,
      [this, call, ids = std::move(session_ids)](const grpc::Status& status) {
        events_.call_done("BatchTouchSessions", code_text(status.error_code()));
        set_connected(status.ok());
        touches_answered(ids, status.ok() ? &call->response : nullptr);
        calls_.remove(call->context);
      });
}

void ControlLink::touches_answered(const std::vector<std::string>& session_ids,
                                   const v1::BatchTouchSessionsResponse* response) {
  std::vector<EndOrder> orders;
  {
    const std::scoped_lock lock(mutex_);
    touches_under_way_ = false;
    if (!response) {
      for (const std::string& id : session_ids) outbox_.touch(id);
      return;
    }
    for (const v1::TouchFailure& failure : response->failures()) {
      // A control that forgot a session (its store is new) is no reason to cut a running stream.
      if (failure.reason() != "SESSION_ENDED" || !outbox_.holds(failure.session_id())) continue;
      outbox_.forget(failure.session_id());
      orders.push_back({.session_id = failure.session_id(),
                        .epoch = 0,
                        .reason = reason_text(failure.end_reason()),
                        .message = {}});
    }
  }
  for (const EndOrder& order : orders) events_.end_session(order);
}

void ControlLink::set_connected(bool connected) {
  if (connected_.exchange(connected) == connected) return;
  events_.connected_changed(connected);
  wake_.notify_all();
}

}  // namespace weir::media::control_link
