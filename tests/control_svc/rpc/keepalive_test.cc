#include "common/grpc/keepalive.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "tests/control_svc/rpc/control_fixture.h"

namespace weir::control::rpc {
namespace {

using namespace std::chrono_literals;
using namespace weir::v1;

// What gRPC lets a peer do against the rules before it closes the connection
// (GRPC_ARG_HTTP2_MAX_PING_STRIKES).
constexpr int kStrikes = 2;
// The first ping is never a strike, and one strike more than allowed ends the connection.
constexpr int kTellingPings = 1 + kStrikes + 1;

// As gRPC tells of each connection of this process (channelz.proto, SocketData): the greatest
// number of keepalive pings that one of them has sent.
int most_pings_sent() {
  constexpr std::string_view kField = R"("keepAlivesSent":")";
  // Servers, channels and sockets are numbered as one, and this process makes few.
  constexpr std::intptr_t kIds = 200;
  int most = 0;
  for (std::intptr_t id = 1; id < kIds; ++id) {
    const std::unique_ptr<char, decltype(&gpr_free)> json(grpc_channelz_get_socket(id), gpr_free);
    if (!json) continue;
    const std::string_view text = json.get();
    const std::size_t at = text.find(kField);
    if (at == std::string_view::npos) continue;
    int sent = 0;
    std::from_chars(text.data() + at + kField.size(), text.data() + text.size(), sent);
    most = std::max(most, sent);
  }
  return most;
}

class KeepaliveTest : public ControlTest {
 protected:
  // A connection of its own that pings so often, whether or not anything else is sent. gRPC itself
  // keeps a second between two pings.
  std::shared_ptr<grpc::Channel> pinging_every(Duration interval) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(interval.count()));
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  // Keeps the connection in use while nothing is said on it.
  std::unique_ptr<grpc::ClientReader<WatchEventsResponse>> watch_on(
      const std::shared_ptr<grpc::Channel>& channel) {
    auto watch = weir::v1::EventService::NewStub(channel)->WatchEvents(&context_, {});
    watch->WaitForInitialMetadata();
    return watch;
  }

  grpc::ClientContext context_;
};

TEST_F(KeepaliveTest, PingsAsFarApartAsAllowedNeverCloseAConnection) {
  const auto channel = pinging_every(wire::kLeastPingInterval + 1s);
  const auto watch = watch_on(channel);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (most_pings_sent() < kTellingPings && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(100ms);
  }
  ASSERT_GE(most_pings_sent(), kTellingPings);

  // A call behind the pings on the same connection; the server has read them when it answers, and
  // the watch still tells of it.
  const auto sessions = Sessions::NewStub(channel);
  const auto [status, response] =
      call_on(*sessions, &Sessions::Stub::AdmitSession, admission("alice", "live/1"));
  EXPECT_TRUE(status.ok()) << status.error_message();
  WatchEventsResponse news;
  ASSERT_TRUE(watch->Read(&news)) << watch->Finish().error_message();
  EXPECT_EQ(news.event().session().session_id(), response.session().session_id());
  context_.TryCancel();
}

TEST_F(KeepaliveTest, FarTooManyPingsCloseTheirConnection) {
  context_.set_deadline(std::chrono::system_clock::now() + 30s);
  const auto watch = watch_on(pinging_every(1s));
  WatchEventsResponse news;
  EXPECT_FALSE(watch->Read(&news));
  const grpc::Status status = watch->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_EQ(status.error_message(), "Too many pings");
}

// Half the client's interval, so that a ping that was held up is not followed too soon.
TEST(Keepalive, TheClientLeavesRoomBetweenItsPings) {
  EXPECT_GE(wire::kClientPingInterval, 2 * wire::kLeastPingInterval);
}

}  // namespace
}  // namespace weir::control::rpc
