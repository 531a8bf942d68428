#include "common/grpc/server.h"

#include <grpc/health/v1/health.grpc.pb.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/grpc/status.h"
#include "tests/common/grpc/raw_call.h"

namespace weir::wire {
namespace {

using namespace std::chrono_literals;
using grpc::health::v1::Health;
using weir::v1::SessionService;

// Answers GetSession with the id it was asked for.
class EchoService final : public SessionService::CallbackService {
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const weir::v1::GetSessionRequest* request,
                                       weir::v1::GetSessionResponse* response) override {
    response->mutable_session()->set_session_id(request->session_id());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

ServerSettings on_loopback() {
  ServerSettings settings;
  settings.listen = "127.0.0.1:0";
  return settings;
}

TEST(Server, AnswersOnTheFreePortThatItTook) {
  EchoService service;
  auto server = Server::start(on_loopback(), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  server->warm_up();
  const auto stub = SessionService::NewStub(channel_to(*server));
  grpc::ClientContext context;
  weir::v1::GetSessionRequest request;
  request.set_session_id("s-1");
  weir::v1::GetSessionResponse response;
  ASSERT_TRUE(stub->GetSession(&context, request, &response).ok());
  EXPECT_EQ(response.session().session_id(), "s-1");
}

// How the threads of that name are scheduled.
std::vector<int> policies_of(const std::string& name) {
  std::vector<int> policies;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm == name) {
      policies.push_back(sched_getscheduler(std::stoi(task.path().filename().string())));
    }
  }
  return policies;
}

TEST(Server, ItsThreadsTakeNoProcessorFromWhoWakesThem) {
  EchoService service;
  auto server = Server::start(on_loopback(), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  server->warm_up();
  // As gRPC names those that carry calls.
  const std::vector<int> policies = policies_of("nexting_thread");
  EXPECT_FALSE(policies.empty());
  for (const int policy : policies) EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(Server, RefusesAPortThatIsTakenAndNamesIt) {
  EchoService service;
  auto first = Server::start(on_loopback(), {&service});
  ASSERT_TRUE(first.has_value()) << first.error();
  ServerSettings settings;
  settings.listen = "127.0.0.1:" + std::to_string(first->port());
  EchoService other;
  const auto second = Server::start(std::move(settings), {&other});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find(std::to_string(first->port())), std::string::npos);
}

TEST(Server, HealthFollowsSetServing) {
  EchoService service;
  auto server = Server::start(on_loopback(), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  const auto check = [&] {
    const auto stub = Health::NewStub(channel_to(*server));
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(stub->Check(&context, {}, &response).ok());
    return response.status();
  };
  EXPECT_EQ(check(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  server->set_serving(true);
  EXPECT_EQ(check(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST(Server, RefusesARequestBeyondTheLimit) {
  EchoService service;
  ServerSettings settings = on_loopback();
  settings.max_request_bytes = 1024;
  auto server = Server::start(std::move(settings), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  const auto stub = SessionService::NewStub(channel_to(*server));
  weir::v1::GetSessionRequest request;
  request.set_session_id(std::string(2048, 'x'));
  weir::v1::GetSessionResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(stub->GetSession(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(Server, ReflectionFollowsItsOwnSwitch) {
  for (const bool on : {true, false}) {
    EchoService service;
    ServerSettings settings = on_loopback();
    settings.reflection = on;
    auto server = Server::start(std::move(settings), {&service});
    ASSERT_TRUE(server.has_value()) << server.error();
    const grpc::Status status =
        call_raw(*server, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
    EXPECT_EQ(status.error_code() == grpc::StatusCode::UNIMPLEMENTED, !on)
        << status.error_message();
  }
}

}  // namespace
}  // namespace weir::wire
