#include "common/grpc/server_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weir/v1/session_service.grpc.pb.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/grpc/server.h"
#include "common/grpc/unknown_methods.h"
#include "tests/common/grpc/raw_call.h"

namespace weir::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

// Serves no method: each call of it is answered by gRPC with UNIMPLEMENTED.
class EmptyService final : public weir::v1::SessionService::CallbackService {};

class ServerMetricsTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerSettings settings;
    settings.listen = "127.0.0.1:0";
    settings.interceptors.push_back(metrics_.interceptor());
    settings.unknown_methods = std::make_unique<UnknownMethods>(metrics_);
    auto started = Server::start(std::move(settings), {&service_});
    ASSERT_TRUE(started.has_value()) << started.error();
    server_.emplace(*std::move(started));
  }

  // What is counted when the server has ended.
  std::string counted() {
    server_->stop(Duration::zero());
    return registry_.text();
  }

  metrics::Registry registry_;
  ServerMetrics metrics_{registry_};
  EmptyService service_;
  std::optional<Server> server_;
};

TEST_F(ServerMetricsTest, CountsEveryCallWithItsCodeAndTime) {
  server_->warm_up();
  const auto stub = weir::v1::SessionService::NewStub(channel_to(*server_));
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    weir::v1::GetSessionResponse response;
    EXPECT_EQ(stub->GetSession(&context, {}, &response).error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }

  const std::string text = counted();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"UNIMPLEMENTED\","
                              "grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 2"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"OK\",grpc_method=\"Check\""));
}

class CountingHandlersTest : public ServerMetricsTest {
 protected:
  const ServerMetrics::Methods methods_ = metrics_.of_service("weir.v1.SessionService");
};

TEST_F(CountingHandlersTest, AreLeftWhatTheyCountThemselves) {
  EXPECT_EQ(methods_.size(), 14U);
  const auto stub = weir::v1::SessionService::NewStub(channel_to(*server_));
  grpc::ClientContext context;
  weir::v1::GetSessionResponse response;
  EXPECT_FALSE(stub->GetSession(&context, {}, &response).ok());
  methods_.at("GetSession")->count_started();
  methods_.at("GetSession")->count_handled(grpc::StatusCode::NOT_FOUND);

  const std::string text = counted();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_method=\"GetSession\","
                              "grpc_service=\"weir.v1.SessionService\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("UNIMPLEMENTED")));
}

TEST_F(ServerMetricsTest, CountsMethodsThatDoNotExistAsOne) {
  for (const char* method :
       {"/weir.v1.SessionService/Invented", "/no.Service/Invented", "Invented"}) {
    EXPECT_EQ(call_raw(*server_, method).error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
  }
  const std::string text = counted();
  EXPECT_THAT(text, Not(HasSubstr("Invented")));
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_method=\"unknown\","
                              "grpc_service=\"unknown\"} 3"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"UNIMPLEMENTED\","
                              "grpc_method=\"unknown\",grpc_service=\"unknown\"} 3"));
}

}  // namespace
}  // namespace weir::wire
