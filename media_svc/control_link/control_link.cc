#include "media_svc/control_link/control_link.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/grpc/code_name.h"
#include "common/grpc/keepalive.h"
#include "common/grpc/proto_time.h"
#include "common/log/log.h"
#include "media_svc/control_link/shutdown_codec.h"

namespace weir::media::control_link {
namespace {

// A control that restarts is found again within this.
constexpr Duration kReconnectBackoffMax{1'000};
// Of one attempt to connect. A control that has much to do answers late, and a lost SYN is sent
// again after a second.
constexpr Duration kConnectTimeout{3'000};
constexpr Duration kReleaseTimeout{5'000};
// A decision is quick; SIGTERM does not wait longer.
constexpr Duration kShutdownAnswer{2'000};
// Its relay asks again.
constexpr Duration kStreamAnswer{2'000};
// The one who asked has given up by then; a session admitted that late is given back.
constexpr Duration kLateAnswer{10'000};
// How often the link's thread looks whether a report or a batch is due.
constexpr Duration kTick{100};

std::shared_ptr<grpc::Channel> open_channel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Beside its name: how long an attempt may take at the least.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeout.count());
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMax.count());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, wire::kClientPingInterval.count());
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, wire::kClientPingTimeout.count());
  // Links to the same target in one process (tests) must not share a connection's fate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

SteadyTime steady_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

// 128 random bits.
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

// What of a unary call must live until its callback.
template <class Request, class Response>
struct Call {
  Request request;
  Response response;
};

Refusal stopping() {
  return {.reason = RefusalReason::kUnreachable, .message = "shutting down", .retry_after = {}};
}

bool control_did_not_answer(const grpc::Status& status) {
  return status.error_code() == grpc::UNAVAILABLE ||
         status.error_code() == grpc::DEADLINE_EXCEEDED || status.error_code() == grpc::CANCELLED;
}

}  // namespace

ControlLink::ControlLink(LinkOptions options, LinkEvents events)
    : options_(std::move(options)),
      events_(std::move(events)),
      identity_{.instance_id = options_.instance_id, .incarnation = random_id()},
      channel_(open_channel(options_.target)),
      sessions_(v1::SessionService::NewStub(channel_)),
      instances_(v1::InstanceService::NewStub(channel_)),
      streams_(v1::StreamService::NewStub(channel_)),
      dialogue_({.identity = identity_, .version = options_.version, .route = options_.route},
                outbox_, events_.status),
      pacer_(options_.pauses),
      random_(std::random_device{}()) {}

ControlLink::~ControlLink() { stop(); }

void ControlLink::start() {
  thread_ = std::thread([this] { run(); });
}

void ControlLink::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  const std::vector<Asked> unsent = std::exchange(asked_, {});
  const std::vector<Sought> unsought = std::exchange(sought_, {});
  lock.unlock();
  for (const Asked& asked : unsent) asked.done(stopping());
  for (const Sought& sought : unsought) sought.done(std::nullopt);
  lock.lock();
  if (stream_) stream_->cancel();
  taken_.wait(lock, [this] { return stream_ == nullptr; });
  lock.unlock();
  calls_.cancel_and_wait();
}

void ControlLink::admit(AdmissionRequest request, AdmissionDone done) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return done(stopping());
  }
  asked_.push_back({.request = std::move(request), .done = std::move(done)});
  wake(lock);
}

void ControlLink::take_up(const Session& session, const AdmissionRequest& request) {
  const std::scoped_lock lock(mutex_);
  outbox_.hold(session, request);
  // What is held is told once a stream, at its beginning.
  if (!stream_ || !dialogue_.introduced()) return;
  pacer_.end_for_another();
  stream_->cancel();
}

bool ControlLink::holds(const SessionKey& session) {
  const std::scoped_lock lock(mutex_);
  return outbox_.holds(session);
}

void ControlLink::touch(const SessionKey& session) {
  const std::scoped_lock lock(mutex_);
  outbox_.touch(session);
}

void ControlLink::report(const SessionKey& session, SessionReport report, MediaSummary media) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::unique_lock lock(mutex_);
  outbox_.report(session, report, now, std::move(media));
  wake(lock);
}

void ControlLink::let_go(const SessionKey& session) {
  const std::scoped_lock lock(mutex_);
  outbox_.let_go(session);
}

void ControlLink::give_back(const SessionKey& session) {
  std::unique_lock lock(mutex_);
  outbox_.give_back(session);
  wake(lock);
}

bool ControlLink::flush(Duration limit) {
  std::unique_lock lock(mutex_);
  return taken_.wait_for(lock, limit, [this] { return outbox_.unconfirmed() == 0; });
}

void ControlLink::find_stream(std::string stream_id, StreamFound done) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return done(std::nullopt);
  }
  sought_.push_back({.stream_id = std::move(stream_id), .done = std::move(done)});
  wake(lock);
}

std::string ControlLink::relay_key() {
  const std::scoped_lock lock(mutex_);
  return dialogue_.relay_key();
}

void ControlLink::request_shutdown(const ShutdownRequest& request, ShutdownDone done) {
  using ShutdownCall = Call<v1::RequestShutdownRequest, v1::RequestShutdownResponse>;
  auto call = std::make_shared<ShutdownCall>();
  {
    const std::scoped_lock lock(mutex_);
    call->request = to_proto(request, identity_, events_.status());
  }
  auto* const context = calls_.add(deadline_after(kShutdownAnswer));
  if (context == nullptr) return done(ShutdownUnanswered{});
  instances_->async()->RequestShutdown(
      context, &call->request, &call->response,
      [this, context, call, done = std::move(done)](const grpc::Status& status) {
        events_.call_done("RequestShutdown", wire::code_name(status.error_code()));
        done(answer_from(status, call->response));
        calls_.remove(context);
      });
}

void ControlLink::leave() {
  std::unique_lock lock(mutex_);
  leaving_ = true;
  pacer_.leave();
  next_attach_ = {};
  wake(lock);
}

bool ControlLink::left() {
  const std::scoped_lock lock(mutex_);
  return has_left();
}

bool ControlLink::has_left() const {
  const bool on_the_line = stream_ != nullptr && connected_;
  return leaving_ && outbox_.unconfirmed() == 0 && !on_the_line;
}

void ControlLink::wake(std::unique_lock<std::mutex>& lock) {
  const bool woken_already = std::exchange(woken_, true);
  lock.unlock();
  if (!woken_already) wake_.notify_all();
}

void ControlLink::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    const auto now = steady_now();
    if (!stream_ && now >= next_attach_ && !has_left()) attach(lock);
    if (leaving_ && outbox_.unconfirmed() == 0) dialogue_.conclude();
    const std::shared_ptr<AttachStream> stream = stream_;
    std::vector<Asked> asked = std::exchange(asked_, {});
    std::vector<Sought> sought = std::exchange(sought_, {});
    // What did not arrive waits for the line rather than spin.
    std::vector<std::string> releases;
    if (connected_) releases = outbox_.take_releases();
    lock.unlock();
    for (Asked& admission : asked) send_admission(std::move(admission));
    for (Sought& stream_sought : sought) send_search(std::move(stream_sought));
    if (stream) stream->pump();
    for (std::string& id : releases) send_release(std::move(id));
    lock.lock();
    wake_.wait_for(lock, kTick, [this] { return stopping_ || woken_; });
  }
}

void ControlLink::attach(std::unique_lock<std::mutex>& lock) {
  dialogue_.restart();
  stream_ = std::make_shared<AttachStream>(AttachStream::Owner{
      .next =
          [this] {
            const std::scoped_lock guard(mutex_);
            return dialogue_.next(steady_now());
          },
      .concluded =
          [this] {
            const std::scoped_lock guard(mutex_);
            return dialogue_.concluded();
          },
      .received = [this](const v1::AttachResponse& response) { received(response); },
      .done = [this](const grpc::Status& status) { detached(status); }});
  const auto stream = stream_;
  lock.unlock();
  stream->start(*instances_);
  lock.lock();
}

void ControlLink::received(const v1::AttachResponse& response) {
  std::optional<Order> order;
  bool welcomed = false;
  {
    const std::scoped_lock lock(mutex_);
    order = dialogue_.take(response);
    welcomed = dialogue_.welcomed();
    if (response.has_welcome()) pacer_.welcomed(steady_now(), dialogue_.lease());
    if (response.has_reattach() && stream_) {
      pacer_.end_for_another(wire::from_proto(response.reattach().within()).value_or(Duration{0}));
      stream_->cancel();
    }
  }
  if (welcomed) set_connected(true);
  if (order) events_.order(*order);
  tell_if_all_taken();
}

void ControlLink::detached(const grpc::Status& status) {
  events_.call_done("Attach", wire::code_name(status.error_code()));
  if (closed_for_good()) {
    connected_ = false;
  } else {
    set_connected(false);
  }
  const bool refused = !control_did_not_answer(status) && !status.ok();
  if (refused) {
    log::error("control.attach_refused",
               {{"code", wire::code_name(status.error_code())}, {"reason", status.error_message()}},
               "control does not take this instance");
  }
  // The stream goes last: `stop` waits for that.
  const std::scoped_lock lock(mutex_);
  const auto now = steady_now();
  next_attach_ = now + pacer_.pause(now, std::uniform_real_distribution<>(0, 1)(random_));
  stream_.reset();
  taken_.notify_all();
}

void ControlLink::send_admission(Asked asked) {
  using AdmitCall = Call<v1::AdmitSessionRequest, v1::AdmitSessionResponse>;
  auto call = std::make_shared<AdmitCall>();
  call->request = to_proto(asked.request, identity_, random_id());
  auto* const context = calls_.add(deadline_after(options_.admission_timeout + kLateAnswer));
  if (context == nullptr) return asked.done(stopping());
  sessions_->async()->AdmitSession(
      context, &call->request, &call->response,
      [this, context, call, asked = std::move(asked)](const grpc::Status& status) {
        events_.call_done("AdmitSession", wire::code_name(status.error_code()));
        if (status.ok()) {
          Session session = session_from(call->response);
          {
            const std::scoped_lock lock(mutex_);
            outbox_.hold(session, asked.request);
          }
          asked.done(std::move(session));
        } else {
          asked.done(refusal_from(status));
        }
        calls_.remove(context);
      });
}

void ControlLink::send_search(Sought sought) {
  using StreamCall = Call<v1::GetStreamRequest, v1::GetStreamResponse>;
  auto call = std::make_shared<StreamCall>();
  call->request.set_stream_id(std::move(sought.stream_id));
  call->request.set_instance_id(identity_.instance_id);
  call->request.set_incarnation(identity_.incarnation);
  auto* const context = calls_.add(deadline_after(kStreamAnswer));
  if (context == nullptr) return sought.done(std::nullopt);
  streams_->async()->GetStream(
      context, &call->request, &call->response,
      [this, context, call, done = std::move(sought.done)](const grpc::Status& status) {
        events_.call_done("GetStream", wire::code_name(status.error_code()));
        std::optional<StreamPlace> place;
        if (status.ok()) place = place_from(call->response);
        done(std::move(place));
        calls_.remove(context);
      });
}

void ControlLink::send_release(std::string session_id) {
  using ReleaseCall = Call<v1::ReleaseSessionRequest, v1::ReleaseSessionResponse>;
  auto call = std::make_shared<ReleaseCall>();
  call->request.set_session_id(std::move(session_id));
  auto* const context = calls_.add(deadline_after(kReleaseTimeout));
  if (context == nullptr) return;
  sessions_->async()->ReleaseSession(
      context, &call->request, &call->response, [this, context, call](const grpc::Status& status) {
        events_.call_done("ReleaseSession", wire::code_name(status.error_code()));
        release_answered(call->request.session_id(), !control_did_not_answer(status));
        calls_.remove(context);
      });
}

void ControlLink::release_answered(const std::string& session_id, bool taken) {
  {
    const std::scoped_lock lock(mutex_);
    if (taken) {
      outbox_.release_taken(session_id);
    } else {
      outbox_.release_lost(session_id);
    }
  }
  tell_if_all_taken();
}

void ControlLink::tell_if_all_taken() {
  const std::scoped_lock lock(mutex_);
  if (outbox_.unconfirmed() == 0) taken_.notify_all();
}

bool ControlLink::closed_for_good() {
  const std::scoped_lock lock(mutex_);
  return stopping_ || (leaving_ && dialogue_.concluded());
}

void ControlLink::set_connected(bool connected) {
  if (connected) introduced_ = true;
  if (connected_.exchange(connected) == connected) return;
  events_.connected_changed(connected);
  std::unique_lock lock(mutex_);
  wake(lock);
}

}  // namespace weir::media::control_link
