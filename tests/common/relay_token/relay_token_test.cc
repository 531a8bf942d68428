#include "common/relay_token/relay_token.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::relay_token {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'700'000'000'000ms};
const std::string kKey = "00112233445566778899aabbccddeeff";
const std::string kStream = "live/one";

TEST(RelayTokenTest, OpensItsStreamWithItsKeyForItsTime) {
  const std::string token = make(kKey, kStream, kNow);
  EXPECT_TRUE(is_valid(token, kKey, kStream, kNow));
  EXPECT_TRUE(is_valid(token, kKey, kStream, kNow + kLife));
  EXPECT_FALSE(is_valid(token, kKey, kStream, kNow + kLife + 1s));
  EXPECT_FALSE(is_valid(token, kKey, "live/two", kNow));
  EXPECT_FALSE(is_valid(token, "ffeeddccbbaa99887766554433221100", kStream, kNow));
}

TEST(RelayTokenTest, OpensNothingOnceAnyByteIsAnother) {
  const std::string token = make(kKey, kStream, kNow);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_FALSE(is_valid(forged, kKey, kStream, kNow)) << i;
  }
}

TEST(RelayTokenTest, EachProcessOfAnInstanceHasAKeyOfItsOwnFromEachControl) {
  const Secret secret;
  const std::string key = secret.key_of("media-0", "a");
  EXPECT_EQ(secret.key_of("media-0", "a"), key);
  EXPECT_NE(secret.key_of("media-0", "b"), key);
  EXPECT_NE(secret.key_of("media-1", "a"), key);
  EXPECT_NE(Secret().key_of("media-0", "a"), key);
}

TEST(RelayTokenTest, WhatIsNoTokenOpensNothing) {
  const std::string token = make(kKey, kStream, kNow);
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("x.y"), token + "0",
        token.substr(0, token.size() - 1), token.substr(token.find('.')), "+" + token}) {
    EXPECT_FALSE(is_valid(bad, kKey, kStream, kNow)) << bad;
  }
  EXPECT_FALSE(is_valid(make("", kStream, kNow), "", kStream, kNow));
}

}  // namespace
}  // namespace weir::relay_token
