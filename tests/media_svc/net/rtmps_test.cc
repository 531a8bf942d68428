// RTMP under TLS through the whole of net, over real sockets.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "media_svc/net/tls_context.h"
#include "media_svc/net/transport.h"
#include "tests/media_svc/net/service_fixture.h"
#include "tests/media_svc/net/tls_peer.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientSession;
using rtmp::ClientStarted;
using rtmp::MessageType;

class RtmpsTest : public ServiceFixture {
 protected:
  void start_both() {
    start();
    start_tls(certificate_.certificate_file, certificate_.key_file);
  }

 private:
  TestCertificate certificate_;
};

TEST_F(RtmpsTest, CarriesAStreamInBothDirections) {
  start_both();
  TlsPeer publisher(tls_listener->address(), ClientSession::Role::kPublish, "secret");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  EXPECT_TRUE(control.holds(
      [](const auto& seen) { return seen.admissions.front().client().protocol() == "rtmps"; }));
  const std::string first = keyframe("first");
  publisher.send(MessageType::kVideo, 0, first);

  TlsPeer secure(tls_listener->address(), ClientSession::Role::kPlay, "secret");
  ASSERT_TRUE(secure.wait_for<ClientStarted>());
  RtmpPeer plain = player("secret");
  ASSERT_TRUE(plain.wait_for<ClientStarted>());
  EXPECT_EQ(next_video(secure), first);
  EXPECT_EQ(next_video(plain), first);

  // Larger than any socket buffer, so that records wait to be taken.
  const std::string large = keyframe(std::string(4u << 20, 'l'));
  publisher.send(MessageType::kVideo, 40, large);
  EXPECT_EQ(next_video(plain), large);
  EXPECT_EQ(next_video(secure), large);
}

TEST_F(RtmpsTest, ComesThroughABalancerThatNamesItsClient) {
  balancers = *net::TrustedNetworks::parse("127.0.0.1");
  start_both();
  TlsPeer publisher(tls_listener->address(), ClientSession::Role::kPublish, "secret",
                    "PROXY TCP4 203.0.113.7 192.0.2.1 40112 1935\r\n");
  ASSERT_TRUE(publisher.wait_for<ClientStarted>());
  const v1::Client client = control.seen().admissions.at(0).client();
  EXPECT_EQ(client.address(), "203.0.113.7");
  EXPECT_EQ(client.protocol(), "rtmps");
}

TEST_F(RtmpsTest, SpeaksNothingElse) {
  start_both();
  RtmpPeer plain(tls_listener->address());
  plain.send_raw("\x03 this is no TLS hello, and longer than one would be");
  EXPECT_TRUE(plain.wait_closed());
}

TEST_F(RtmpsTest, DoesNotWaitForeverForAHello) {
  limits.handshake = Duration{300};
  start_both();
  RtmpPeer silent(tls_listener->address());
  EXPECT_TRUE(silent.wait_closed());
  EXPECT_TRUE(wait_for_metric("weir_limits_hit_total{limit=\"handshake\"} 1"));
}

TEST(TlsContext, SaysWhatIsWrongWithItsFiles) {
  const TestCertificate one;
  const TestCertificate other;
  EXPECT_NO_THROW(net::TlsContext(one.certificate_file, one.key_file));
  EXPECT_THROW(net::TlsContext("/nowhere", one.key_file), std::runtime_error);
  EXPECT_THROW(net::TlsContext(one.certificate_file, "/nowhere"), std::runtime_error);
  EXPECT_THROW(net::TlsContext(one.certificate_file, other.key_file), std::runtime_error);
  EXPECT_THROW(net::TlsContext(one.key_file, one.key_file), std::runtime_error);
}

// No event of the socket tells of them.
TEST(TlsTransport, TellsOfBytesThatItHoldsBack) {
  const TestCertificate certificate;
  const net::TlsContext server_context(certificate.certificate_file, certificate.key_file);
  int sockets[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
  const auto transport = net::make_tls_transport(sockets[0], server_context);
  SSL_CTX* const client_context = SSL_CTX_new(TLS_client_method());
  SSL* const client = SSL_new(client_context);
  SSL_set_fd(client, sockets[1]);

  std::array<std::uint8_t, 10> some{};
  for (int i = 0; i < 10 && SSL_connect(client) != 1; ++i) transport->read(some);
  transport->read(some);
  const std::string sent(15, 'x');
  ASSERT_EQ(SSL_write(client, sent.data(), static_cast<int>(sent.size())), 15);
  EXPECT_EQ(transport->read(some).bytes, 10u);
  EXPECT_TRUE(transport->has_received());
  EXPECT_EQ(transport->read(some).bytes, 5u);
  EXPECT_FALSE(transport->has_received());

  SSL_free(client);
  SSL_CTX_free(client_context);
  ::close(sockets[0]);
  ::close(sockets[1]);
}

}  // namespace
}  // namespace weir::media::testing
