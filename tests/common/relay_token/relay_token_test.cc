#include "common/relay_token/relay_token.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::relay_token {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'700'000'000'000ms};
const std::string kHolder = "00112233445566778899aabbccddeeff";
const std::string kStream = "live/one";

TEST(RelayTokenTest, OpensItsStreamAtItsHolderForItsTime) {
  const std::string token = make(kHolder, kStream, kNow);
  EXPECT_TRUE(is_valid(token, kHolder, kStream, kNow));
  EXPECT_TRUE(is_valid(token, kHolder, kStream, kNow + kLife));
  EXPECT_FALSE(is_valid(token, kHolder, kStream, kNow + kLife + 1s));
  EXPECT_FALSE(is_valid(token, kHolder, "live/two", kNow));
  EXPECT_FALSE(is_valid(token, "ffeeddccbbaa99887766554433221100", kStream, kNow));
}

TEST(RelayTokenTest, OpensNothingOnceAnyByteIsAnother) {
  const std::string token = make(kHolder, kStream, kNow);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(is_valid(forged, kHolder, kStream, kNow)) << i;
  }
}

TEST(RelayTokenTest, WhatIsNoTokenOpensNothing) {
  const std::string token = make(kHolder, kStream, kNow);
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("x.y"), token + "0",
        token.substr(0, token.size() - 1), token.substr(token.find('.')), "+" + token}) {
    EXPECT_FALSE(is_valid(bad, kHolder, kStream, kNow)) << bad;
  }
  EXPECT_FALSE(is_valid(make("", kStream, kNow), "", kStream, kNow));
}

}  // namespace
}  // namespace weir::relay_token
