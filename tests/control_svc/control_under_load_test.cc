// A whole weir-control, as main runs it, with everybody at once: under ThreadSanitizer it shows
// what its threads share.
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <weir/v1/event_service.grpc.pb.h>
#include <weir/v1/session_service.grpc.pb.h>
#include <weir/v1/stream_service.grpc.pb.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control_svc/control.h"
#include "tests/control_svc/rpc/attach_fixture.h"
#include "tests/control_svc/store/temporary_folder.h"

namespace weir::control {
namespace {

using namespace v1;
using grpc::StatusCode;
using rpc::AttachedInstance;
using Sessions = v1::SessionService;

constexpr int kApplications = 4;
constexpr int kInstances = 2;
constexpr int kRounds = 50;
// Shared by the callers, and so many that no record drops a tombstone.
constexpr int kUsers = 30;

std::string numbered(const char* what, int number) { return what + std::to_string(number); }

// Calls of one thread, over a connection of its own.
class Caller {
 public:
  explicit Caller(const Control& control)
      : channel_(grpc::CreateChannel(to_string(control.grpc_endpoint()),
                                     grpc::InsecureChannelCredentials())),
        sessions(Sessions::NewStub(channel_)),
        instances(InstanceService::NewStub(channel_)),
        streams(StreamService::NewStub(channel_)),
        events(EventService::NewStub(channel_)) {}

  // What may be refused is refused for a reason; nothing breaks.
  template <class Stub, class Request, class Response>
  std::pair<bool, Response> call(Stub& stub,
                                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
                                 const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    const StatusCode code = status.error_code();
    EXPECT_TRUE(code == StatusCode::OK || code == StatusCode::RESOURCE_EXHAUSTED ||
                code == StatusCode::FAILED_PRECONDITION || code == StatusCode::ALREADY_EXISTS ||
                code == StatusCode::NOT_FOUND || code == StatusCode::UNAVAILABLE)
        << code << ' ' << status.error_message();
    return {status.ok(), std::move(response)};
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;

 public:
  const std::unique_ptr<Sessions::Stub> sessions;
  const std::unique_ptr<InstanceService::Stub> instances;
  const std::unique_ptr<StreamService::Stub> streams;
  const std::unique_ptr<EventService::Stub> events;
};

class ControlUnderLoad : public testing::Test {
 protected:
  ControlUnderLoad() {
    config_.grpc_listen.port = config_.metrics_listen.port = 0;
    config_.store_path = folder_.file("control.db");
  }

  // Admits, renews, pauses, resumes; every third session goes at once.
  void act_as_application(const Control& control, int number) {
    Caller caller(control);
    for (int round = 0; round < kRounds; ++round) {
      AdmitSessionRequest request;
      request.set_user_id(numbered("user-", (number + round) % kUsers));
      request.set_stream_id(numbered("live/", round % 5));
      request.set_kind(round % 4 == 0 ? SESSION_KIND_PUBLISH : SESSION_KIND_PLAY);
      const auto session = admitted(caller, request);
      if (session.session_id().empty()) continue;
      TouchSessionRequest touch;
      touch.set_session_id(session.session_id());
      touch.set_user_id(session.user_id());
      touch.set_stream_id(session.stream_id());
      caller.call(*caller.sessions, &Sessions::Stub::TouchSession, touch);
      PauseSessionRequest pause;
      pause.set_session_id(session.session_id());
      caller.call(*caller.sessions, &Sessions::Stub::PauseSession, pause);
      ResumeSessionRequest resume;
      resume.set_session_id(session.session_id());
      caller.call(*caller.sessions, &Sessions::Stub::ResumeSession, resume);
      if (round % 3 != 0) continue;
      ReleaseSessionRequest release;
      release.set_session_id(session.session_id());
      caller.call(*caller.sessions, &Sessions::Stub::ReleaseSession, release);
    }
  }

  // Publishers come to it, start, and go one way or the other.
  void act_as_instance(const Control& control, int number) {
    Caller caller(control);
    AttachedInstance instance(*caller.instances, numbered("media-", number), "1");
    instance.hello();
    instance.held();
    instance.report();
    std::int64_t sequence = 0;
    for (int round = 0; round < kRounds; ++round) {
      AdmitSessionRequest request;
      request.set_user_id(numbered("publisher-", round % kUsers));
      request.set_stream_id(numbered("live/", round % 5));
      request.set_kind(SESSION_KIND_PUBLISH);
      request.set_instance_id(instance.id());
      request.set_incarnation(instance.incarnation());
      const auto session = admitted(caller, request);
      if (session.session_id().empty()) continue;
      instance.event(++sequence, session, SESSION_EVENT_KIND_STARTED);
      instance.touch(session.session_id());
      instance.event(
          ++sequence, session,
          round % 2 == 0 ? SESSION_EVENT_KIND_COMPLETED : SESSION_EVENT_KIND_INTERRUPTED);
    }
    EXPECT_TRUE(sequence == 0 || instance.taken(sequence));
  }

  // Lists everything, and kicks what it sees first.
  void act_as_operator(const Control& control, const std::atomic<bool>& over) {
    Caller caller(control);
    while (!over) {
      ListSessionsRequest list;
      list.set_page_size(3);
      const auto page = caller.call(*caller.sessions, &Sessions::Stub::ListSessions, list).second;
      caller.call(*caller.streams, &StreamService::Stub::ListStreams, ListStreamsRequest{});
      caller.call(*caller.instances, &InstanceService::Stub::ListInstances, ListInstancesRequest{});
      if (page.sessions().empty()) continue;
      KickSessionRequest kick;
      kick.set_session_id(page.sessions(0).session_id());
      kick.mutable_block_duration();
      caller.call(*caller.sessions, &Sessions::Stub::KickSession, kick);
    }
  }

  // Hears of every session's admission first, until control closes the watch.
  void watch(Caller& caller) {
    grpc::ClientContext context;
    WatchEventsRequest request;
    request.set_resume_token("0");
    request.add_types("weir.session.");
    const auto reader = caller.events->WatchEvents(&context, request);
    std::map<std::string, int> admissions;
    WatchEventsResponse response;
    while (reader->Read(&response)) {
      const Event& event = response.event();
      int& count = admissions[event.session().session_id()];
      if (event.type() == "weir.session.admitted") ++count;
      EXPECT_EQ(count, 1) << event.type() << " of " << event.session().session_id();
    }
    reader->Finish();
  }

  Session admitted(Caller& caller, const AdmitSessionRequest& request) {
    auto [ok, response] = caller.call(*caller.sessions, &Sessions::Stub::AdmitSession, request);
    if (!ok) return {};
    const std::scoped_lock lock(mutex_);
    answered_.push_back(response.session().session_id());
    return response.session();
  }

  // Everybody at once, to the end of their rounds.
  void serve(Control& control) {
    Caller watcher(control);
    const std::jthread watching([&] { watch(watcher); });
    std::atomic<bool> over = false;
    std::jthread operating([&] { act_as_operator(control, over); });
    {
      std::vector<std::jthread> callers;
      for (int i = 0; i < kApplications; ++i) {
        callers.emplace_back([this, &control, i] { act_as_application(control, i); });
      }
      for (int i = 0; i < kInstances; ++i) {
        callers.emplace_back([this, &control, i] { act_as_instance(control, i); });
      }
    }
    over = true;
    operating.join();
    control.stop(std::chrono::seconds(10));
  }

  const store::TemporaryFolder folder_;
  ControlConfig config_;
  std::mutex mutex_;
  std::vector<std::string> answered_;
};

TEST_F(ControlUnderLoad, ServesEverybodyAndForgetsNobodyOverRestarts) {
  constexpr int kLives = 3;
  for (int life = 0; life < kLives; ++life) {
    Control control(config_);
    Caller caller(control);
    for (const std::string& id : answered_) {
      GetSessionRequest request;
      request.set_session_id(id);
      EXPECT_TRUE(caller.call(*caller.sessions, &Sessions::Stub::GetSession, request).first) << id;
    }
    serve(control);
  }
  EXPECT_GT(answered_.size(), static_cast<std::size_t>(kLives * kRounds));
}

}  // namespace
}  // namespace weir::control
