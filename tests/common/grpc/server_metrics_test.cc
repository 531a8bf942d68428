#include "common/grpc/server_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/v1/session_service.grpc.pb.h>

#include "common/grpc/server.h"
#include "tests/common/grpc/raw_call.h"

namespace weir::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

// Serves no method: each call of it is answered by gRPC with UNIMPLEMENTED.
class EmptyService final : public weir::v1::SessionService::CallbackService {};

TEST(ServerMetrics, CountsEveryCallWithItsCodeAndTime) {
  metrics::Registry registry;
  ServerMetrics metrics(registry);
  EmptyService service;
  ServerSettings settings;
  settings.listen = "127.0.0.1:0";
  settings.interceptors.push_back(metrics.interceptor());
  auto server = Server::start(std::move(settings), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  server->warm_up();
  const auto stub = weir::v1::SessionService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(server->port()), grpc::InsecureChannelCredentials()));
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    weir::v1::GetSessionResponse response;
    EXPECT_EQ(stub->GetSession(&context, {}, &response).error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  server->stop(Duration::zero());

  const std::string text = registry.text();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"UNIMPLEMENTED\","
                              "grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"OK\",grpc_method=\"Check\""));
}

TEST(ServerMetrics, MakesNoSeriesForAMethodThatDoesNotExist) {
  metrics::Registry registry;
  ServerMetrics metrics(registry);
  EmptyService service;
  ServerSettings settings;
  settings.listen = "127.0.0.1:0";
  settings.interceptors.push_back(metrics.interceptor());
  auto server = Server::start(std::move(settings), {&service});
  ASSERT_TRUE(server.has_value()) << server.error();
  EXPECT_EQ(call_raw(*server, "/weir.v1.SessionService/Invented").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  server->stop(Duration::zero());
  EXPECT_THAT(registry.text(), Not(HasSubstr("Invented")));
}

}  // namespace
}  // namespace weir::wire
