#include "media_svc/net/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace weir::media::net {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kTcp4Addresses = "\xC0\x00\x02\x01\xC6\x33\x64\x01\xDC\x04\x07\x8F"s;

std::string binary(int command, int family, const std::string& addresses) {
  return kSignature + static_cast<char>(0x20 | command) + static_cast<char>(family) +
         static_cast<char>(addresses.size() >> 8) + static_cast<char>(addresses.size()) + addresses;
}

// "<bytes> <source>", "incomplete" or what is wrong.
std::string describe(std::string_view received) {
  const auto header =
      parse_proxy_header({reinterpret_cast<const std::uint8_t*>(received.data()), received.size()});
  if (!header) {
    switch (header.error()) {
      case ProxyHeaderError::kMissing:
        return "missing";
      case ProxyHeaderError::kMalformed:
        return "malformed";
      case ProxyHeaderError::kTooLong:
        return "too long";
    }
  }
  if (!*header) return "incomplete";
  const auto& source = (*header)->source;
  return std::to_string((*header)->bytes) + (source ? " " + to_string(*source) : "");
}

struct Case {
  std::string header;
  std::string source;
};

std::vector<Case> headers() {
  const std::string tcp6 =
      std::string(15, '\0') + "\x01" + std::string(15, '\0') + "\x02" + "\x00\x50\x07\x8F"s;
  return {
      {"PROXY TCP4 192.0.2.1 198.51.100.1 56324 1935\r\n", " 192.0.2.1:56324"},
      {"PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n", " [2001:db8::1]:1"},
      {"PROXY UNKNOWN\r\n", ""},
      {"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""},
      {binary(1, 0x11, kTcp4Addresses), " 192.0.2.1:56324"},
      {binary(1, 0x11, kTcp4Addresses + std::string(900, 'x')), " 192.0.2.1:56324"},
      {binary(1, 0x21, tcp6), " [::1]:80"},
      {binary(0, 0x00, ""), ""},
      {binary(0, 0x11, kTcp4Addresses), ""},
      {binary(1, 0x31, std::string(216, '\0')), ""},
      {binary(1, 0x00, ""), ""},
  };
}

TEST(ProxyHeader, NamesTheSourceAndLeavesTheRest) {
  for (const auto& [header, source] : headers()) {
    const std::string expected = std::to_string(header.size()) + source;
    EXPECT_EQ(describe(header), expected);
    EXPECT_EQ(describe(header + "\x03rest"), expected);
  }
}

TEST(ProxyHeader, WaitsForTheRestAtEveryByte) {
  for (const auto& [header, source] : headers()) {
    for (std::size_t size = 0; size < header.size(); ++size) {
      EXPECT_EQ(describe(header.substr(0, size)), "incomplete") << header << " " << size;
    }
  }
}

TEST(ProxyHeader, SaysAtOnceWhatIsWrong) {
  const Case cases[] = {
      {"\x03", "missing"},
      {"GET /", "missing"},
      {"PROXYTCP4", "missing"},
      {"PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.1 -1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 ::1 ::2 1 2\r\n", "malformed"},
      {"PROXY \r\n", "malformed"},
      {"PROXY " + std::string(101, 'x'), "too long"},
      {kSignature + "\x11\x11\0\0"s, "malformed"},
      {kSignature + "\x22\x11\0\0"s, "malformed"},
      {kSignature + "\x21\x11\xFF\xFF"s, "too long"},
      {binary(1, 0x11, "short"), "malformed"},
      {binary(1, 0x21, kTcp4Addresses), "malformed"},
  };
  for (const auto& [header, wrong] : cases) EXPECT_EQ(describe(header), wrong) << header;
}

}  // namespace
}  // namespace weir::media::net
