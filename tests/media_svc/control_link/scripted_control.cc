#include "tests/media_svc/control_link/scripted_control.h"

#include <chrono>
#include <deque>
#include <set>
#include <stdexcept>
#include <utility>

namespace weir::media::testing {

// One stream of a media instance. Deletes itself when gRPC is done with it.
class ScriptedAttach final : public grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse> {
 public:
  explicit ScriptedAttach(ScriptedControl& control) : control_(control) {
    control_.attached(*this);
    StartRead(&request_);
  }

  // With control's lock held.
  void send(const v1::AttachResponse& response) {
    queue_.push_back(response);
    if (queue_.size() == 1) StartWrite(&queue_.front());
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) {
      control_.half_closed();
      return Finish(grpc::Status::OK);
    }
    control_.take(*this, request_);
    StartRead(&request_);
  }
  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(control_.mutex_);
    queue_.pop_front();
    if (ok && !queue_.empty()) StartWrite(&queue_.front());
  }
  void OnDone() override {
    control_.detached(*this);
    delete this;
  }

  ScriptedControl& control_;
  v1::AttachRequest request_;
  std::deque<v1::AttachResponse> queue_;
};

class ScriptedControl::Sessions final : public v1::SessionService::CallbackService {
 public:
  explicit Sessions(ScriptedControl& control) : control_(control) {}

 private:
  grpc::ServerUnaryReactor* AdmitSession(grpc::CallbackServerContext* context,
                                         const v1::AdmitSessionRequest* request,
                                         v1::AdmitSessionResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const std::scoped_lock lock(control_.mutex_);
    control_.seen_.admissions.push_back(*request);
    const grpc::Status status = control_.admit(*request, *response);
    if (control_.holding_) {
      control_.held_.emplace_back([reactor, status] { reactor->Finish(status); });
    } else {
      reactor->Finish(status);
    }
    control_.changed_.notify_all();
    return reactor;
  }

  grpc::ServerUnaryReactor* ReleaseSession(grpc::CallbackServerContext* context,
                                           const v1::ReleaseSessionRequest* request,
                                           v1::ReleaseSessionResponse* /*response*/) override {
    {
      const std::scoped_lock lock(control_.mutex_);
      control_.seen_.released.push_back(request->session_id());
      control_.changed_.notify_all();
    }
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  ScriptedControl& control_;
};

class ScriptedControl::Instances final : public v1::InstanceService::CallbackService {
 public:
  explicit Instances(ScriptedControl& control) : control_(control) {}

 private:
  grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* /*context*/) override {
    return new ScriptedAttach(control_);
  }

  grpc::ServerUnaryReactor* RequestShutdown(grpc::CallbackServerContext* context,
                                            const v1::RequestShutdownRequest* request,
                                            v1::RequestShutdownResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(control_.shut_down(*request, *response));
    return reactor;
  }

  ScriptedControl& control_;
};

class ScriptedControl::Streams final : public v1::StreamService::CallbackService {
 public:
  explicit Streams(ScriptedControl& control) : control_(control) {}

 private:
  grpc::ServerUnaryReactor* GetStream(grpc::CallbackServerContext* context,
                                      const v1::GetStreamRequest* request,
                                      v1::GetStreamResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const grpc::Status status = control_.find(*request, *response);
    const std::scoped_lock lock(control_.mutex_);
    const auto answer = [reactor, status] { reactor->Finish(status); };
    if (control_.holding_searches_) {
      control_.held_searches_.emplace_back(answer);
    } else {
      answer();
    }
    return reactor;
  }

  ScriptedControl& control_;
};

std::vector<std::string> ScriptedControl::Seen::told() const {
  std::set<std::int64_t> sequences;
  std::vector<std::string> all;
  for (const v1::SessionEvent& event : events) {
    if (!sequences.insert(event.sequence()).second) continue;
    const char* what = event.kind() == v1::SESSION_EVENT_KIND_STARTED       ? " started"
                       : event.kind() == v1::SESSION_EVENT_KIND_COMPLETED   ? " completed"
                       : event.kind() == v1::SESSION_EVENT_KIND_INTERRUPTED ? " interrupted"
                                                                            : " failed";
    all.push_back(event.session_id() + what);
  }
  return all;
}

std::string ScriptedControl::Seen::last_told() const {
  const std::vector<std::string> all = told();
  return all.empty() ? std::string() : all.back();
}

ScriptedControl::ScriptedControl()
    : target_("127.0.0.1:0"),
      sessions_(std::make_unique<Sessions>(*this)),
      instances_(std::make_unique<Instances>(*this)),
      streams_(std::make_unique<Streams>(*this)) {
  restart();
}

ScriptedControl::~ScriptedControl() { stop(); }

void ScriptedControl::stop() {
  release_admissions();
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
}

void ScriptedControl::restart() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(target_, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(sessions_.get());
  builder.RegisterService(instances_.get());
  builder.RegisterService(streams_.get());
  server_ = builder.BuildAndStart();
  if (!server_) throw std::runtime_error("cannot listen on " + target_);
  target_ = "127.0.0.1:" + std::to_string(port);
}

void ScriptedControl::on_admit(Admit admit) {
  const std::scoped_lock lock(mutex_);
  admit_ = std::move(admit);
}

void ScriptedControl::on_shutdown(Shutdown shutdown) {
  const std::scoped_lock lock(mutex_);
  shutdown_ = std::move(shutdown);
}

void ScriptedControl::on_find(Find find) {
  const std::scoped_lock lock(mutex_);
  find_ = std::move(find);
}

void ScriptedControl::hold_admissions() {
  const std::scoped_lock lock(mutex_);
  holding_ = true;
}

void ScriptedControl::release_admissions() {
  std::vector<std::function<void()>> held;
  {
    const std::scoped_lock lock(mutex_);
    holding_ = false;
    held.swap(held_);
  }
  for (const auto& answer : held) answer();
}

void ScriptedControl::hold_searches() {
  const std::scoped_lock lock(mutex_);
  holding_searches_ = true;
}

void ScriptedControl::release_search() {
  const std::scoped_lock lock(mutex_);
  held_searches_.front()();
  held_searches_.erase(held_searches_.begin());
}

void ScriptedControl::release_searches() {
  const std::scoped_lock lock(mutex_);
  holding_searches_ = false;
  for (const auto& answer : std::exchange(held_searches_, {})) answer();
}

void ScriptedControl::acknowledge_events(bool on) {
  const std::scoped_lock lock(mutex_);
  acknowledging_ = on;
}

void ScriptedControl::end_session(const std::string& session_id, std::int64_t epoch,
                                  v1::EndReason reason) {
  v1::AttachResponse response;
  v1::EndSession& end = *response.mutable_end_session();
  end.set_session_id(session_id);
  end.set_epoch(epoch);
  end.set_reason(reason);
  send(response);
}

void ScriptedControl::send(const v1::AttachResponse& response) {
  const std::scoped_lock lock(mutex_);
  if (stream_) stream_->send(response);
}

bool ScriptedControl::wait(const std::function<bool(const Seen&)>& done) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return done(seen_); });
}

bool ScriptedControl::wait_told(std::size_t count) {
  return wait([count](const Seen& seen) { return seen.told().size() >= count; });
}

bool ScriptedControl::wait_told(const std::vector<std::string>& all) {
  return wait([&](const Seen& seen) { return seen.told() == all; });
}

bool ScriptedControl::wait_told_last(const std::string& event) {
  return wait([&](const Seen& seen) { return seen.last_told() == event; });
}

bool ScriptedControl::holds(const std::function<bool(const Seen&)>& condition) {
  const std::scoped_lock lock(mutex_);
  return condition(seen_);
}

ScriptedControl::Seen ScriptedControl::seen() {
  const std::scoped_lock lock(mutex_);
  return seen_;
}

grpc::Status ScriptedControl::admit(const v1::AdmitSessionRequest& request,
                                    v1::AdmitSessionResponse& response) {
  if (admit_) return admit_(request, response);
  v1::Session& session = *response.mutable_session();
  session.set_session_id("session-" + std::to_string(++last_session_));
  session.set_user_id(request.user_id());
  session.set_stream_id(request.stream_id());
  session.set_kind(request.kind());
  if (request.kind() == v1::SESSION_KIND_PUBLISH) session.set_epoch(last_session_);
  response.mutable_touch_interval()->set_seconds(1);
  return grpc::Status::OK;
}

grpc::Status ScriptedControl::shut_down(const v1::RequestShutdownRequest& request,
                                        v1::RequestShutdownResponse& response) {
  const std::scoped_lock lock(mutex_);
  if (!shutdown_) return {grpc::UNIMPLEMENTED, "not scripted"};
  return shutdown_(request, response);
}

grpc::Status ScriptedControl::find(const v1::GetStreamRequest& request,
                                   v1::GetStreamResponse& response) {
  const std::scoped_lock lock(mutex_);
  seen_.searches.push_back(request);
  changed_.notify_all();
  if (!find_) return {grpc::NOT_FOUND, "nobody publishes it"};
  return find_(request, response);
}

void ScriptedControl::take(ScriptedAttach& stream, const v1::AttachRequest& request) {
  const std::scoped_lock lock(mutex_);
  v1::AttachResponse response;
  switch (request.message_case()) {
    case v1::AttachRequest::kHello:
      seen_.hellos.push_back(request.hello());
      seen_.held.clear();
      seen_.held_complete = false;
      response.mutable_welcome()->mutable_report_interval()->set_nanos(50'000'000);
      response.mutable_welcome()->mutable_lease()->set_seconds(86'400);
      response.mutable_welcome()->set_relay_key("the key of " + request.hello().incarnation());
      stream.send(response);
      break;
    case v1::AttachRequest::kHeld:
      seen_.held.insert(seen_.held.end(), request.held().sessions().begin(),
                        request.held().sessions().end());
      seen_.held_complete = request.held().last();
      break;
    case v1::AttachRequest::kReport:
      ++seen_.reports;
      seen_.ready = request.report().ready();
      if (seen_.drains.empty() || seen_.drains.back() != request.report().drain_generation()) {
        seen_.drains.push_back(request.report().drain_generation());
      }
      break;
    case v1::AttachRequest::kEvent:
      seen_.events.push_back(request.event());
      if (!acknowledging_) break;
      response.mutable_events_taken()->set_sequence(request.event().sequence());
      stream.send(response);
      break;
    case v1::AttachRequest::kTouches:
      seen_.touched.insert(seen_.touched.end(), request.touches().session_ids().begin(),
                           request.touches().session_ids().end());
      break;
    default:
      break;
  }
  changed_.notify_all();
}

void ScriptedControl::half_closed() {
  const std::scoped_lock lock(mutex_);
  seen_.half_closed = true;
  changed_.notify_all();
}

void ScriptedControl::attached(ScriptedAttach& stream) {
  const std::scoped_lock lock(mutex_);
  stream_ = &stream;
  seen_.half_closed = false;
  ++seen_.attached;
}

void ScriptedControl::detached(ScriptedAttach& stream) {
  const std::scoped_lock lock(mutex_);
  if (stream_ == &stream) stream_ = nullptr;
}

}  // namespace weir::media::testing
