#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/grpc/server.h"
#include "common/grpc/status.h"
#include "control_svc/rpc/session_service.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"

namespace weir::control::rpc {

// Counts what the services report.
class CountingObserver final : public SessionObserver {
 public:
  void on_admission(domain::SessionKind,
                    const domain::Outcome<domain::AdmitAnswer>& outcome) override {
    ++(outcome.has_value() ? admitted : refused);
  }
  void on_touches(TouchResult result, std::size_t count) override {
    touches[static_cast<std::size_t>(result)] += count;
  }

  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;
  std::atomic<std::size_t> touches[4] = {};
};

// The session service behind a real gRPC server, over the memory store, in a time that stands
// still until a test moves it.
class ControlTest : public testing::Test {
 protected:
  using Sessions = weir::v1::SessionService;

  explicit ControlTest(const domain::Settings& settings = {})
      : operations_(store_, settings, [](const domain::EndNotice&) {}),
        service_(operations_, clock_, observer_) {
    wire::ServerSettings server_settings;
    server_settings.listen = "127.0.0.1:0";
    auto started = wire::Server::start(std::move(server_settings), {&service_});
    if (!started) throw std::runtime_error(started.error());
    server_ = std::make_unique<wire::Server>(std::move(*started));
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = Sessions::NewStub(channel_);
  }

  // Makes one call: call(&Sessions::Stub::GetSession, request) → status and response.
  template <class Request, class Response>
  std::pair<grpc::Status, Response> call(
      grpc::Status (Sessions::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request) {
    grpc::ClientContext context;
    Response response;
    grpc::Status status = ((*stub_).*method)(&context, request, &response);
    return {std::move(status), std::move(response)};
  }

  static weir::v1::AdmitSessionRequest admission(
      const std::string& user, const std::string& stream,
      weir::v1::SessionKind kind = weir::v1::SESSION_KIND_PLAY) {
    weir::v1::AdmitSessionRequest request;
    request.set_user_id(user);
    request.set_stream_id(stream);
    request.set_kind(kind);
    return request;
  }

  std::pair<grpc::Status, weir::v1::AdmitSessionResponse> admit(
      const weir::v1::AdmitSessionRequest& request) {
    return call(&Sessions::Stub::AdmitSession, request);
  }

  // An admission that the test needs to succeed.
  weir::v1::Session admitted(const std::string& user, const std::string& stream,
                             weir::v1::SessionKind kind = weir::v1::SESSION_KIND_PLAY) {
    const auto [status, response] = admit(admission(user, stream, kind));
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session();
  }

  std::pair<grpc::Status, weir::v1::TouchSessionResponse> touch(const weir::v1::Session& session) {
    weir::v1::TouchSessionRequest request;
    request.set_session_id(session.session_id());
    request.set_user_id(session.user_id());
    request.set_stream_id(session.stream_id());
    return call(&Sessions::Stub::TouchSession, request);
  }

  FakeClock clock_;
  CountingObserver observer_;
  store::MemoryStore store_{[](const std::vector<domain::Event>&) {}};
  store::SessionOperations operations_;
  SessionService service_;
  std::unique_ptr<wire::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Sessions::Stub> stub_;
};

inline std::string reason_of(const grpc::Status& status) {
  return wire::StatusDetails(status).reason();
}

}  // namespace weir::control::rpc
