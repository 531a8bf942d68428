// A peer whose machine is gone, or takes nothing, does not hold its connection for minutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/media_svc/net/service_fixture.h"
#include "tests/media_svc/net/tls_peer.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientSession;
using rtmp::ClientStarted;
using rtmp::MessageType;
using namespace std::chrono_literals;

class VanishedPeerTest : public ServiceFixture {
 protected:
  void start_impatiently() {
    limits.unacknowledged = 1'000ms;
    limits.egress_lag = 5min;
    start();
  }

  // To TCP, a peer that leaves no room for data is as gone as one that is silent (the user timeout
  // of RFC 5482 counts for both in Linux). So `player` never reads from here on.
  template <class Player>
  void expect_given_up(Player& player) {
    RtmpPeer publisher = this->publisher("show");
    ASSERT_TRUE(publisher.wait_for<ClientStarted>());
    ASSERT_TRUE(player.template wait_for<ClientStarted>());
    // More than the buffers of both sides take.
    const std::string picture = keyframe(std::string(100'000, 'x'));
    for (std::uint32_t i = 0; i < 300; ++i) publisher.send(MessageType::kVideo, i * 40, picture);

    EXPECT_TRUE(wait_for_metric("weir_limits_hit_total{limit=\"unacknowledged\"} 1"));
    EXPECT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 0"));
    EXPECT_TRUE(control.wait([](const auto& seen) {
      return std::ranges::count(seen.told(), "session-2 completed") == 1;
    }));
    EXPECT_TRUE(streams->published("live/show"));
  }
};

TEST_F(VanishedPeerTest, IsClosedCountedAndGivesItsSessionBack) {
  start_impatiently();
  RtmpPeer vanished = player("show");
  expect_given_up(vanished);
}

TEST_F(VanishedPeerTest, IsNoticedUnderTls) {
  const TestCertificate certificate;
  start_impatiently();
  start_tls(certificate.certificate_file, certificate.key_file);
  TlsPeer vanished(tls_listener->address(), ClientSession::Role::kPlay, "show");
  expect_given_up(vanished);
}

}  // namespace
}  // namespace weir::media::testing
