#include "common/metrics/health_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "common/metrics/admin_server.h"

namespace weir::metrics {
namespace {

using boost::asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::Optional;

// Takes one connection and answers it with these bytes.
class OneAnswer {
 public:
  explicit OneAnswer(std::string bytes) : bytes_(std::move(bytes)), thread_([this] { serve(); }) {}

  Endpoint endpoint() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }

 private:
  void serve() {
    tcp::socket client = acceptor_.accept();
    std::string request;
    boost::asio::read_until(client, boost::asio::dynamic_buffer(request), "\r\n\r\n");
    boost::asio::write(client, boost::asio::buffer(bytes_));
  }

  const std::string bytes_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::jthread thread_;
};

TEST(HealthCheckTest, LivenessCountsAndReadinessDoesNot) {
  const Registry registry;
  const AdminServer server({"127.0.0.1", 0}, registry,
                           {[] { return Readiness{.ready = false, .reason = "starting"}; }});
  EXPECT_EQ(find_health_fault(server.endpoint()), std::nullopt);
  EXPECT_EQ(run_health_check(server.endpoint()), 0);
}

TEST(HealthCheckTest, AnUnspecifiedAddressReachesThisMachine) {
  const Registry registry;
  const AdminServer server({"0.0.0.0", 0}, registry, {[] { return Readiness(); }});
  EXPECT_EQ(find_health_fault(server.endpoint()), std::nullopt);
}

TEST(HealthCheckTest, NobodyThere) {
  Endpoint closed;
  {
    const Registry registry;
    closed = AdminServer({"127.0.0.1", 0}, registry, {[] { return Readiness(); }}).endpoint();
  }
  EXPECT_THAT(find_health_fault(closed), Optional(HasSubstr("refused")));
  EXPECT_EQ(run_health_check(closed), 1);
}

TEST(HealthCheckTest, SomebodyElseThere) {
  const struct {
    std::string bytes;
    std::string fault;
  } cases[] = {
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404"},
      {"not HTTP at all\r\n\r\n", "does not answer"},
      {"", "does not answer"},
  };
  for (const auto& [bytes, fault] : cases) {
    const OneAnswer server(bytes);
    EXPECT_THAT(find_health_fault(server.endpoint()), Optional(HasSubstr(fault))) << bytes;
  }
}

}  // namespace
}  // namespace weir::metrics
