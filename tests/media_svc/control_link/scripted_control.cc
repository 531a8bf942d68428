#include "tests/media_svc/control_link/scripted_control.h"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace weir::media::testing {

ScriptedControl::ScriptedControl() : target_("127.0.0.1:0") { restart(); }

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
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1'000);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (!server_) throw std::runtime_error("cannot listen on " + target_);
  target_ = "127.0.0.1:" + std::to_string(port);
}

void ScriptedControl::on_admit(Admit admit) {
  const std::scoped_lock lock(mutex_);
  admit_ = std::move(admit);
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

void ScriptedControl::end_session(const std::string& session_id, v1::EndReason reason) {
  const std::scoped_lock lock(mutex_);
  v1::TouchFailure& failure = ended_.emplace_back();
  failure.set_session_id(session_id);
  failure.set_reason("SESSION_ENDED");
  failure.set_end_reason(reason);
}

bool ScriptedControl::wait(const std::function<bool(const ScriptedControl&)>& done) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return done(*this); });
}

bool ScriptedControl::holds(const std::function<bool(const ScriptedControl&)>& condition) {
  const std::scoped_lock lock(mutex_);
  return condition(*this);
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

grpc::ServerUnaryReactor* ScriptedControl::AdmitSession(grpc::CallbackServerContext* context,
                                                        const v1::AdmitSessionRequest* request,
                                                        v1::AdmitSessionResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const std::scoped_lock lock(mutex_);
  admissions_.push_back(*request);
  const grpc::Status status = admit(*request, *response);
  if (holding_) {
    held_.push_back([reactor, status] { reactor->Finish(status); });
  } else {
    reactor->Finish(status);
  }
  changed_.notify_all();
  return reactor;
}

grpc::ServerUnaryReactor* ScriptedControl::BatchTouchSessions(
    grpc::CallbackServerContext* context, const v1::BatchTouchSessionsRequest* request,
    v1::BatchTouchSessionsResponse* response) {
  {
    const std::scoped_lock lock(mutex_);
    touched_.insert(touched_.end(), request->session_ids().begin(), request->session_ids().end());
    for (const v1::TouchFailure& failure : ended_) *response->add_failures() = failure;
    changed_.notify_all();
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* ScriptedControl::ReleaseSession(
    grpc::CallbackServerContext* context, const v1::ReleaseSessionRequest* request,
    v1::ReleaseSessionResponse* /*response*/) {
  {
    const std::scoped_lock lock(mutex_);
    released_.push_back(request->session_id());
    changed_.notify_all();
  }
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace weir::media::testing
