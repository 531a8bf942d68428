// Where connections come in, and what each inherits.
#include "media_svc/net/listener.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace weir::media::net {
namespace {

using boost::asio::ip::tcp;

int option_of(const Listener::Socket& socket, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(const_cast<Listener::Socket&>(socket).native_handle(), level, option, &value, &size);
  return value;
}

struct Accepted {
  std::string peer;
  int no_delay = 0;
  int user_timeout = 0;
  int keepalive = 0;
  int keepalive_idle = 0;
};

class ListenerTest : public ::testing::Test {
 protected:
  ListenerTest() : workers_(1) {}
  ~ListenerTest() override { workers_.stop(); }

  // Listens on `host`, and connects to `target` at the same port.
  Accepted accept_at(const std::string& host, const std::string& target) {
    listener_.emplace(Endpoint{.host = host, .port = 0}, workers_, Duration{8'000});
    std::promise<Accepted> accepted;
    listener_->start([&](Listener::Socket socket, const Worker::Place& /*place*/) {
      accepted.set_value({.peer = socket.remote_endpoint().address().to_string(),
                          .no_delay = option_of(socket, IPPROTO_TCP, TCP_NODELAY),
                          .user_timeout = option_of(socket, IPPROTO_TCP, TCP_USER_TIMEOUT),
                          .keepalive = option_of(socket, SOL_SOCKET, SO_KEEPALIVE),
                          .keepalive_idle = option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE)});
    });
    workers_.start();
    boost::asio::io_context io;
    tcp::socket client(io);
    client.connect({boost::asio::ip::make_address(target), listener_->address().port});
    auto future = accepted.get_future();
    EXPECT_EQ(future.wait_for(std::chrono::seconds{30}), std::future_status::ready);
    listener_->close();
    return future.get();
  }

  WorkerPool workers_;
  std::optional<Listener> listener_;
};

TEST_F(ListenerTest, EachConnectionInheritsTheSettings) {
  const Accepted accepted = accept_at("127.0.0.1", "127.0.0.1");
  EXPECT_EQ(accepted.peer, "127.0.0.1");
  EXPECT_NE(accepted.no_delay, 0);
  EXPECT_EQ(accepted.user_timeout, 8'000);
  EXPECT_NE(accepted.keepalive, 0);
  EXPECT_EQ(accepted.keepalive_idle, 4);
}

TEST_F(ListenerTest, ListensOnIPv6) {
  const Accepted accepted = accept_at("::1", "::1");
  EXPECT_EQ(accepted.peer, "::1");
  EXPECT_NE(accepted.no_delay, 0);
  EXPECT_EQ(accepted.user_timeout, 8'000);
}

TEST_F(ListenerTest, AllIPv6AddressesIncludeIPv4) {
  EXPECT_EQ(accept_at("::", "127.0.0.1").peer, "::ffff:127.0.0.1");
}

TEST_F(ListenerTest, TakesAllThatComeInTheSameMoment) {
  constexpr int kClients = 100;
  listener_.emplace(Endpoint{.host = "127.0.0.1", .port = 0}, workers_, Duration{8'000});
  int accepted = 0;
  std::promise<void> all;
  listener_->start([&](const Listener::Socket&, const Worker::Place&) {
    if (++accepted == kClients) all.set_value();
  });
  boost::asio::io_context io;
  std::vector<tcp::socket> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(io).connect(
        {boost::asio::ip::make_address("127.0.0.1"), listener_->address().port});
  }
  // All of them wait by now.
  workers_.start();
  EXPECT_EQ(all.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  listener_->close();
}

TEST_F(ListenerTest, SaysWhereItCannotListen) {
  const Listener first({.host = "127.0.0.1", .port = 0}, workers_, Duration{8'000});
  try {
    const Listener second(first.address(), workers_, Duration{8'000});
    FAIL() << "two listeners on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(to_string(first.address())), std::string::npos);
  }
}

// Runs with ThreadSanitizer alone: UndefinedBehaviorSanitizer opens a pipe to see whether memory
// can be read, and takes objects that it cannot look at for wrong ones.
#if !__has_feature(undefined_behavior_sanitizer)

// The open files of the process end at those that are open now, until this does.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(STDERR_FILENO);
    ::close(next);
    const rlimit full{.rlim_cur = static_cast<rlim_t>(next), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &full);
  }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ListenerTest, TakesConnectionsAgainOnceThereAreFilesForThem) {
  listener_.emplace(Endpoint{.host = "127.0.0.1", .port = 0}, workers_, Duration{8'000});
  std::promise<void> accepted;
  listener_->start([&](const Listener::Socket&, const Worker::Place&) { accepted.set_value(); });
  workers_.start();
  boost::asio::io_context io;
  tcp::socket client(io, tcp::v4());
  auto future = accepted.get_future();
  {
    const NoMoreFiles full;
    client.connect({boost::asio::ip::make_address("127.0.0.1"), listener_->address().port});
    // It has looked by then.
    const std::uint64_t turns = workers_.at(0).turns();
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (workers_.at(0).turns() < turns + 2) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    EXPECT_EQ(future.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  }
  EXPECT_EQ(future.wait_for(std::chrono::seconds{30}), std::future_status::ready);
  listener_->close();
}

#endif

}  // namespace
}  // namespace weir::media::net
