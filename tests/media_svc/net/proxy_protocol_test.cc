// Connections behind a load balancer, through the whole of net, over real sockets.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "media_svc/net/trusted_networks.h"
#include "tests/media_svc/net/service_fixture.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientSession;
using rtmp::ClientStarted;

class ProxyProtocolTest : public ServiceFixture {
 protected:
  // A publisher that says `header` before anything else.
  RtmpPeer forwarded(std::string_view header, const std::string& name) {
    return {listener->address(), ClientSession::Role::kPublish, name, header};
  }

  bool admitted_from(const std::string& address) {
    return control.holds([&](const auto& seen) {
      return !seen.admissions.empty() && seen.admissions.back().client().address() == address;
    });
  }
};

TEST_F(ProxyProtocolTest, NamesTheClientBehindTheBalancer) {
  balancers = *net::TrustedNetworks::parse("127.0.0.0/8");
  start();
  RtmpPeer first = forwarded("PROXY TCP4 203.0.113.7 192.0.2.1 40112 1935\r\n", "a");
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  EXPECT_TRUE(admitted_from("203.0.113.7"));

  const std::string_view binary(
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xCB\0\x71\x08\xC0\0\x02\x01\x9C\xB0\x07\x8F", 28);
  RtmpPeer second = forwarded(binary, "b");
  ASSERT_TRUE(second.wait_for<ClientStarted>());
  EXPECT_TRUE(admitted_from("203.0.113.8"));

  RtmpPeer mapped = forwarded("PROXY TCP6 ::ffff:203.0.113.9 ::1 40112 1935\r\n", "d");
  ASSERT_TRUE(mapped.wait_for<ClientStarted>());
  EXPECT_TRUE(admitted_from("203.0.113.9"));

  RtmpPeer unknown = forwarded("PROXY UNKNOWN\r\n", "c");
  ASSERT_TRUE(unknown.wait_for<ClientStarted>());
  EXPECT_TRUE(admitted_from("127.0.0.1"));
}

TEST_F(ProxyProtocolTest, ReadsAHeaderThatDrips) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  start();
  RtmpPeer peer(listener->address());
  const std::string_view header = "PROXY TCP4 203.0.113.7 192.0.2.1 40112 1935\r\n";
  for (const char c : header) peer.send_raw(std::string_view(&c, 1));
  peer.send_raw("GET / HTTP/1.1\r\n");
  EXPECT_TRUE(peer.wait_closed());
  EXPECT_TRUE(wait_for_metric("weir_protocol_errors_total{kind=\"http\"} 1"));
}

TEST_F(ProxyProtocolTest, WantsAHeaderFromTheTrusted) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  start();
  RtmpPeer direct = publisher("a");
  EXPECT_FALSE(direct.wait_for<ClientStarted>());
  EXPECT_TRUE(wait_for_metric("weir_protocol_errors_total{kind=\"proxy_header\"} 1"));
}

TEST_F(ProxyProtocolTest, TakesNoHeaderFromOthers) {
  balancers = *net::TrustedNetworks::parse("10.0.0.0/8");
  start();
  RtmpPeer liar = forwarded("PROXY TCP4 203.0.113.7 192.0.2.1 40112 1935\r\n", "a");
  EXPECT_FALSE(liar.wait_for<ClientStarted>());
  EXPECT_TRUE(wait_for_metric("weir_protocol_errors_total{kind=\"unexpected_proxy_header\"} 1"));
  EXPECT_TRUE(control.holds([](const auto& seen) { return seen.admissions.empty(); }));
}

TEST_F(ProxyProtocolTest, DoesNotWaitForeverForAHeader) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  limits.handshake = Duration{300};
  start();
  RtmpPeer silent(listener->address());
  silent.send_raw("PROXY ");
  EXPECT_TRUE(silent.wait_closed());
  EXPECT_TRUE(wait_for_metric("weir_limits_hit_total{limit=\"handshake\"} 1"));
  EXPECT_TRUE(wait_for_metric("weir_rtmp_handshakes_total{result=\"timeout\"} 1"));
  EXPECT_EQ(registry.text().find("weir_protocol_errors_total{"), std::string::npos);
}

// As balancers do to see whether somebody listens.
TEST_F(ProxyProtocolTest, WhoConnectsAndLeavesHasDoneNothingWrong) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  start();
  RtmpPeer check(listener->address());
  EXPECT_TRUE(wait_until([&] { return workers->at(0).load() + workers->at(1).load() == 1; }));
  check.close();
  EXPECT_TRUE(wait_until([&] { return workers->at(0).load() + workers->at(1).load() == 0; }));
  EXPECT_EQ(registry.text().find("weir_protocol_errors_total{"), std::string::npos);
}

TEST_F(ProxyProtocolTest, CountsConnectionsOfTheClientNotOfTheBalancer) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  limits.connections_per_address = 1;
  start();
  RtmpPeer first = forwarded("PROXY TCP4 203.0.113.1 192.0.2.1 1 1935\r\n", "a");
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  RtmpPeer second = forwarded("PROXY TCP4 203.0.113.2 192.0.2.1 1 1935\r\n", "b");
  ASSERT_TRUE(second.wait_for<ClientStarted>());
  RtmpPeer again = forwarded("PROXY TCP4 203.0.113.1 192.0.2.1 2 1935\r\n", "c");
  EXPECT_FALSE(again.wait_for<ClientStarted>());
}

}  // namespace
}  // namespace weir::media::testing
