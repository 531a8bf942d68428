// RTMP under TLS through the whole of net, over real sockets.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "media_svc/net/tls_context.h"
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

}  // namespace
}  // namespace weir::media::testing
