#include "media_svc/net/trusted_networks.h"

#include <gtest/gtest.h>

namespace weir::media::net {
namespace {

using boost::asio::ip::make_address;

TEST(TrustedNetworks, ContainTheirAddresses) {
  const auto networks = TrustedNetworks::parse("10.1.2.3/8, 192.0.2.7,2001:db8::/32 ,::1");
  ASSERT_TRUE(networks.has_value());
  for (const char* inside :
       {"10.0.0.1", "10.255.255.255", "192.0.2.7", "2001:db8:ffff::1", "::1", "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(networks->contains(make_address(inside))) << inside;
  }
  for (const char* outside : {"11.0.0.1", "192.0.2.8", "2001:db9::1", "::2", "::ffff:11.0.0.1"}) {
    EXPECT_FALSE(networks->contains(make_address(outside))) << outside;
  }
}

TEST(TrustedNetworks, TrustNobodyByDefault) {
  EXPECT_TRUE(TrustedNetworks::parse("")->empty());
  EXPECT_FALSE(TrustedNetworks().contains(make_address("127.0.0.1")));
}

TEST(TrustedNetworks, MayBeEverybody) {
  const auto networks = TrustedNetworks::parse("0.0.0.0/0,::/0");
  EXPECT_TRUE(networks->contains(make_address("203.0.113.9")));
  EXPECT_TRUE(networks->contains(make_address("2001:db8::9")));
}

TEST(TrustedNetworks, AreRefusedWhereTheyAreNone) {
  for (const char* text : {"ten", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                           "::/129", "10.0.0.0/8,,::1", "10.0.0.0/8 ::1"}) {
    EXPECT_FALSE(TrustedNetworks::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace weir::media::net
