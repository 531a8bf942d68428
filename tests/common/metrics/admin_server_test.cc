#include "common/metrics/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace weir::metrics {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole answer, as it came over the wire.
std::string get(const Endpoint& endpoint, const std::string& path) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address(endpoint.host), endpoint.port});
  boost::asio::write(socket, boost::asio::buffer("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"));
  std::string answer;
  boost::system::error_code error;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  return answer;
}

constexpr const char* kNotReady = "control has not answered yet";

// One server for all tests: civetweb takes two seconds to stop.
class AdminServerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    registry_ = std::make_unique<Registry>();
    registry_->counter("weir_things_total", "Things.").Increment();
    add_build_info(*registry_, "weir-test");
    add_process_metrics(*registry_);
    server_ = std::make_unique<AdminServer>(Endpoint{"127.0.0.1", 0}, *registry_,
                                            [] { return Readiness{ready_, kNotReady}; });
  }
  static void TearDownTestSuite() {
    server_.reset();
    registry_.reset();
  }

  static inline std::atomic<bool> ready_ = false;
  static inline std::unique_ptr<Registry> registry_;
  static inline std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, ServesMetrics) {
  EXPECT_THAT(get(server_->endpoint(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("version=0.0.4"),
                    HasSubstr("\nweir_things_total 1\n")));
}

TEST_F(AdminServerTest, LivenessIsTheProcessAlone) {
  EXPECT_THAT(get(server_->endpoint(), "/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ReadinessFollowsTheServiceAndSaysWhy) {
  EXPECT_THAT(get(server_->endpoint(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr(kNotReady)));
  ready_ = true;
  EXPECT_THAT(get(server_->endpoint(), "/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, NothingElseIsServed) {
  for (const char* path : {"/", "/etc/passwd", "/../etc/passwd", "/metricsx"}) {
    EXPECT_THAT(get(server_->endpoint(), path), StartsWith("HTTP/1.1 40")) << path;
  }
}

TEST_F(AdminServerTest, ATakenPortIsAClearError) {
  try {
    const AdminServer second(server_->endpoint(), *registry_, [] { return Readiness{true, ""}; });
    FAIL() << "a second server on the same port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(to_string(server_->endpoint())),
                                    HasSubstr("Address already in use")));
  }
}

TEST_F(AdminServerTest, PromtoolFindsNothingToSay) {
  const std::string text = registry_->text();
  EXPECT_THAT(text, HasSubstr("weir_build_info{service=\"weir-test\",version=\""));
  const std::string path = ::testing::TempDir() + "admin_server_test.metrics";
  std::ofstream(path) << text;
  EXPECT_EQ(std::system(("promtool check metrics < " + path).c_str()), 0) << text;
}

TEST_F(AdminServerTest, ProcessMetricsAreOfThisProcess) {
  const std::string text = registry_->text();
  const auto value_of = [&](const std::string& name) {
    const std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_GT(value_of("process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(value_of("process_virtual_memory_bytes"), value_of("process_resident_memory_bytes"));
  EXPECT_GT(value_of("process_start_time_seconds"), 1.6e9);
  EXPECT_LE(value_of("process_start_time_seconds"), static_cast<double>(std::time(nullptr)) + 1);
  EXPECT_GE(value_of("process_threads"), 2);
  EXPECT_GE(value_of("process_open_fds"), 4);
  EXPECT_GE(value_of("process_max_fds"), value_of("process_open_fds"));
}

}  // namespace
}  // namespace weir::metrics
