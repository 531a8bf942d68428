#include "common/metrics/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <optional>
#include <vector>

namespace weir::metrics {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole answer, as it came over the wire.
std::string ask(const Endpoint& endpoint, const std::string& request) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  boost::asio::connect(socket, boost::asio::ip::tcp::resolver(io).resolve(
                                   endpoint.host, std::to_string(endpoint.port)));
  // The server may close before it has read everything.
  boost::system::error_code error;
  boost::asio::write(socket, boost::asio::buffer(request), error);
  std::string answer;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  return answer;
}

std::string get(const Endpoint& endpoint, const std::string& path) {
  return ask(endpoint, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

constexpr const char* kNotReady = "control has not answered yet";
constexpr const char* kFault = "a worker stands still";

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() {
    registry_.counter("weir_things_total", "Things.").Increment();
    add_build_info(registry_, "weir-test");
    add_process_metrics(registry_);
  }

  std::atomic<bool> ready_ = false;
  std::atomic<bool> faulty_ = false;
  Registry registry_;
  AdminServer server_{Endpoint{"127.0.0.1", 0},
                      registry_,
                      {.readiness = [this] { return Readiness{ready_, kNotReady}; },
                       .fault = [this]() -> std::optional<std::string> {
                         if (!faulty_) return std::nullopt;
                         return kFault;
                       }}};
};

TEST_F(AdminServerTest, ServesMetrics) {
  EXPECT_THAT(get(server_.endpoint(), "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("version=0.0.4"),
                    HasSubstr("\nweir_things_total 1\n")));
}

TEST_F(AdminServerTest, LivenessIsTheProcessAlone) {
  EXPECT_THAT(get(server_.endpoint(), "/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, LivenessSaysWhatOnlyARestartCures) {
  faulty_ = true;
  EXPECT_THAT(get(server_.endpoint(), "/livez"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr(kFault)));
}

TEST_F(AdminServerTest, ReadinessFollowsTheServiceAndSaysWhy) {
  EXPECT_THAT(get(server_.endpoint(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr(kNotReady)));
  ready_ = true;
  EXPECT_THAT(get(server_.endpoint(), "/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, NothingElseIsServed) {
  for (const char* path : {"/", "/etc/passwd", "/../etc/passwd", "/metricsx"}) {
    EXPECT_THAT(get(server_.endpoint(), path), StartsWith("HTTP/1.1 40")) << path;
  }
}

std::string post(const std::string& path, const std::string& headers = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "Content-Length: 0\r\n\r\n";
}

// Has told a server to stop, and waits.
struct Asker {
  explicit Asker(const Endpoint& server) {
    socket.connect({boost::asio::ip::make_address(server.host), server.port});
    boost::asio::write(socket, boost::asio::buffer(post("/stop")));
  }

  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket{io};
};

// A server that can be told to stop, and what it is told.
class CommandTest : public AdminServerTest {
 protected:
  void wait_asked(int times) const {
    for (int seen = asked_; seen < times; seen = asked_) asked_.wait(seen);
  }

  std::atomic<int> asked_ = 0;
  std::optional<AdminServer> commanded_{std::in_place, Endpoint{"127.0.0.1", 0}, registry_,
                                        Probes{[] { return Readiness{true, ""}; }},
                                        Commands{{"/stop", [this] {
                                                    ++asked_;
                                                    asked_.notify_all();
                                                  }}}};
  const Endpoint endpoint_ = commanded_->endpoint();
};

TEST_F(CommandTest, ArePostedFromThisMachine) {
  EXPECT_THAT(ask(endpoint_, post("/stop", "Origin: http://a.page\r\n")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask(endpoint_, post("/livez")), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(get(endpoint_, "/stop"), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(asked_, 0);
}

TEST_F(CommandTest, AreAnsweredWhenTheServerEnds) {
  std::vector<std::future<std::string>> answers;
  for (int n = 0; n < 3; ++n) {
    answers.push_back(std::async(std::launch::async, ask, endpoint_, post("/stop")));
  }
  wait_asked(3);
  EXPECT_THAT(get(endpoint_, "/livez"), StartsWith("HTTP/1.1 200 "))
      << "others are served meanwhile";
  commanded_.reset();
  for (auto& answer : answers) {
    EXPECT_THAT(answer.get(), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\ndone\n")));
  }
}

TEST_F(CommandTest, WhoNeverReadsOrLeavesDelaysTheEndBriefly) {
  const Asker asker(endpoint_);
  wait_asked(1);
  commanded_.reset();
}

TEST_F(CommandTest, WhoLeftEarlyIsForgotten) {
  for (int n = 1; n <= 100; ++n) {
    const Asker asker(endpoint_);
    wait_asked(n);
  }
}

TEST_F(AdminServerTest, ATakenPortIsAClearError) {
  try {
    const AdminServer second(server_.endpoint(), registry_, {[] { return Readiness{true, ""}; }});
    FAIL() << "a second server on the same port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(to_string(server_.endpoint())),
                                    HasSubstr("Address already in use")));
  }
}

TEST_F(AdminServerTest, IPv6AndNamesAreServed) {
  for (const char* host : {"::1", "localhost"}) {
    const AdminServer server(Endpoint{host, 0}, registry_, {[] { return Readiness{true, ""}; }});
    EXPECT_THAT(get(server.endpoint(), "/livez"), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_THROW(AdminServer(Endpoint{"no.such.host.invalid", 0}, registry_,
                           {[] { return Readiness{true, ""}; }}),
               std::runtime_error);
}

TEST_F(AdminServerTest, OddRequestsAreAnsweredOrClosed) {
  EXPECT_THAT(ask(server_.endpoint(), "POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask(server_.endpoint(), "HEAD /metrics HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  EXPECT_EQ(ask(server_.endpoint(), "\x16\x03\x01 no HTTP\r\n\r\n"), "");
  EXPECT_EQ(ask(server_.endpoint(), "GET /" + std::string(100'000, 'x')), "");
}

TEST_F(AdminServerTest, ASilentClientDelaysNobody) {
  boost::asio::io_context io;
  std::vector<boost::asio::ip::tcp::socket> silent;
  for (int n = 0; n < 20; ++n) {
    silent.emplace_back(io).connect(
        {boost::asio::ip::make_address("127.0.0.1"), server_.endpoint().port});
  }
  EXPECT_THAT(get(server_.endpoint(), "/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, PromtoolFindsNothingToSay) {
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_build_info{service=\"weir-test\",version=\""));
  const std::string path = ::testing::TempDir() + "admin_server_test.metrics";
  std::ofstream(path) << text;
  EXPECT_EQ(std::system(("promtool check metrics < " + path).c_str()), 0) << text;
}

TEST_F(AdminServerTest, ProcessMetricsAreOfThisProcess) {
  const std::string text = registry_.text();
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
