#include "common/hmac/hmac.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace weir::hmac {
namespace {

std::string hexadecimal(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

struct Case {
  std::string key;
  std::string message;
  std::string digest;
};

// RFC 4231, sections 4.2, 4.3 and 4.7: a key shorter than a digest, one shorter than a block, and
// one longer than that.
const std::vector<Case> kCases = {
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

void expect_all() {
  for (const Case& one : kCases) EXPECT_EQ(hexadecimal(sha256(one.key, one.message)), one.digest);
}

TEST(HmacTest, SaysWhatTheStandardSays) { expect_all(); }

TEST(HmacTest, ForgetsTheKeyBefore) {
  const Digest first = sha256("one", "text");
  EXPECT_NE(sha256("two", "text"), first);
  EXPECT_EQ(sha256("one", "text"), first);
  EXPECT_NE(sha256("", "text"), sha256("", ""));
  EXPECT_EQ(hexadecimal(sha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacTest, ServesManyThreads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(expect_all);
}

}  // namespace
}  // namespace weir::hmac
