#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/grpc/server.h"
#include "common/grpc/server_metrics.h"
#include "common/grpc/status.h"
#include "common/metrics/registry.h"
#include "control_svc/rpc/event_service.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/rpc/instance_service.h"
#include "control_svc/rpc/session_service.h"
#include "control_svc/rpc/stream_service.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/session_operations.h"
#include "control_svc/store/stream_mover.h"
#include "tests/control_svc/rpc/late_store.h"

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

  void on_stale_write(StaleWrite) override { ++stale_writes; }
  void on_shutdown_request(domain::ShutdownCause,
                           const domain::Outcome<domain::ShutdownAnswer>&) override {
    ++shutdown_requests;
  }

  std::atomic<int> stale_writes = 0;
  std::atomic<int> shutdown_requests = 0;
  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;
  std::atomic<std::size_t> touches[4] = {};
};

// All services behind a real gRPC server, over the memory store, in a time that stands
// still until a test moves it.
class ControlTest : public testing::Test {
 protected:
  using Sessions = weir::v1::SessionService;

  explicit ControlTest(const domain::Settings& settings = {})
      : sessions_(late_store_, settings,
                  [this](const domain::EndNotice& notice) { lines_.tell(notice); }),
        fleet_(
            store_, sessions_, {}, clock_.now().steady,
            {.lost = [this](const domain::LostIncarnation& lost) { lines_.drop(lost); },
             .ordered = [this](const domain::InstanceRecord& instance) { lines_.tell(instance); }}),
        mover_(store_, sessions_, [this](const domain::MoveOrder& order) { lines_.tell(order); }),
        session_service_(sessions_, clock_, observer_, answers_, metrics_),
        instance_service_(attach_context()),
        stream_service_(store_, attach_context()),
        event_service_(history_, clock_) {
    wire::ServerSettings server_settings;
    server_settings.listen = "127.0.0.1:0";
    auto started = wire::Server::start(
        std::move(server_settings),
        {&session_service_, &instance_service_, &stream_service_, &event_service_});
    if (!started) throw std::runtime_error(started.error());
    server_ = std::make_unique<wire::Server>(std::move(*started));
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = Sessions::NewStub(channel_);
    instances_ = weir::v1::InstanceService::NewStub(channel_);
    streams_ = weir::v1::StreamService::NewStub(channel_);
    events_ = weir::v1::EventService::NewStub(channel_);
  }
  ~ControlTest() override {
    lines_.close_all();
    event_service_.close_all();
    server_->stop(Duration::zero());
  }

  AttachContext attach_context() {
    return {.sessions = sessions_,
            .fleet = fleet_,
            .lines = lines_,
            .mover = mover_,
            .observer = observer_,
            .relay_secret = relay_secret_,
            .clock = clock_,
            .answers = answers_,
            .metrics = metrics_};
  }

  // The movers' ticker, by hand.
  void move_streams() {
    std::promise<void> done;
    mover_.step(clock_.now(), [&done] { done.set_value(); });
    done.get_future().wait();
  }

  // The fleet's ticker, by hand.
  void watch_fleet() {
    std::promise<void> done;
    fleet_.watch(lines_.sightings(), clock_.now(), [&done] { done.set_value(); });
    done.get_future().wait();
  }

  // Makes one call: call(&Sessions::Stub::GetSession, request) → status and response.
  template <class Request, class Response>
  auto call(grpc::Status (Sessions::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            const Request& request) {
    return call_on(*stub_, method, request);
  }

  template <class Stub, class Request, class Response>
  static std::pair<grpc::Status, Response> call_on(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request) {
    grpc::ClientContext context;
    Response response;
    grpc::Status status = (stub.*method)(&context, request, &response);
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
  metrics::Registry registry_;
  wire::ServerMetrics metrics_{registry_};
  CountingObserver observer_;
  store::EventHistory history_{"test", 1000};
  store::MemoryStore store_{
      [this](std::vector<domain::Event> events) { history_.append(std::move(events)); }};
  LateStore late_store_{store_};
  InstanceLines lines_;
  store::SessionOperations sessions_;
  store::FleetOperations fleet_;
  store::StreamMover mover_;
  LargeAnswers answers_;
  relay_token::Secret relay_secret_;
  SessionService session_service_;
  InstanceService instance_service_;
  StreamService stream_service_;
  EventService event_service_;
  std::unique_ptr<wire::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Sessions::Stub> stub_;
  std::unique_ptr<weir::v1::InstanceService::Stub> instances_;
  std::unique_ptr<weir::v1::StreamService::Stub> streams_;
  std::unique_ptr<weir::v1::EventService::Stub> events_;
};

inline std::string reason_of(const grpc::Status& status) {
  return wire::StatusDetails(status).reason();
}

}  // namespace weir::control::rpc
