#include "media_svc/rtmp/stream_address.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::media::rtmp {
namespace {

struct Case {
  std::string tc_url;
  std::string app;
  std::string name;
  // "app|name|token"
  std::string expected;
};

std::string describe(const std::optional<StreamAddress>& address) {
  if (!address) return "refused";
  return address->app + "|" + address->name + "|" + std::string(address->parameter("token"));
}

TEST(StreamAddress, IsTheSameHoweverTheClientCutsIt) {
  const Case cases[] = {
      {"rtmp://h/live", "live", "cam", "live|cam|"},
      {"rtmp://h/live", "live", "cam?token=t", "live|cam|t"},
      {"rtmp://h/live", "live?token=t", "cam", "live|cam|t"},
      {"rtmp://h/live?token=t", "live", "cam", "live|cam|t"},
      {"rtmp://h/live?token=3", "live?token=2", "cam?token=1", "live|cam|1"},
      {"rtmp://h/live?a=1", "live?token=2", "cam?b=1", "live|cam|2"},
      {"", "a", "b/c", "a|b/c|"},
      {"", "a/b", "c", "a|b/c|"},
      {"", "/live/", "/cam/", "live|cam|"},
      {"", "live/_definst_", "cam", "live|cam|"},
      {"", "live", "cam?x=1&token=a%2Fb%26c&token=2", "live|cam|a/b&c"},
      {"", "live", "cam?token=a=b", "live|cam|a=b"},
      {"", "live", "cam?token=a+b", "live|cam|a+b"},
      {"", "live", "cam?&&=x&token", "live|cam|"},
      {"", "live", "c%61m", "live|cam|"},
      {"", "live", "c%2561m", "live|c%61m|"},
      {"", "live", "100%", "live|100%|"},
      {"", "live", "%zz", "live|%zz|"},
      {"", "live", "caf\xC3\xA9", "live|caf\xC3\xA9|"},
      {"", "live", "a..b", "live|a..b|"},
  };
  for (const Case& item : cases) {
    EXPECT_EQ(describe(parse_stream_address(item.tc_url, item.app, item.name)), item.expected)
        << item.app << " " << item.name;
  }
}

TEST(StreamAddress, RefusesWhatIsNoName) {
  const std::pair<std::string, std::string> cases[] = {
      {"live", ""},
      {"", "cam"},
      {"live", "?token=t"},
      {"live", "/"},
      {"/", "cam"},
      {"live", ".."},
      {"live", "a/../b"},
      {"live", "%2e%2e"},
      {"live", "./a"},
      {"live", "a//b"},
      {"live", "a%2Fb"},
      {"live", "a%00b"},
      {"live", std::string("a\0b", 3)},
      {"live", "a\r\nb"},
      {"live", "a%0Ab"},
      {"live", "\x7F"},
      {"live", "\xC2\x85"},          // a control character of two bytes
      {"live", "\xFF"},              // no UTF-8
      {"live", "\xC0\xAF"},          // overlong
      {"live", "\xE0\x80\xAF"},      // overlong
      {"live", "\xED\xA0\x80"},      // surrogate
      {"live", "\xF4\x90\x80\x80"},  // beyond Unicode
      {"live", "\xE2\x82"},          // cut short
      {"_definst_", "cam"},
      {"..", "cam"},
  };
  for (const auto& [app, name] : cases) {
    EXPECT_EQ(describe(parse_stream_address("", app, name)), "refused") << app << " " << name;
  }
}

TEST(StreamAddress, RefusesParametersThatAreNoText) {
  const Case cases[] = {
      {"", "live", "cam?user=%FF", ""},
      {"", "live", "cam?%C0%AF=1", ""},
      {"", "live", "cam?token=a%00b", ""},
      {"", "live?token=\xE2\x82", "cam", ""},
      {"rtmp://h/live?user=a%0Ab", "live", "cam", ""},
  };
  for (const Case& item : cases) {
    EXPECT_EQ(describe(parse_stream_address(item.tc_url, item.app, item.name)), "refused")
        << item.tc_url << item.app << item.name;
  }
}

TEST(StreamAddress, BoundsTheStreamId) {
  EXPECT_TRUE(parse_stream_address("", "live", std::string(251, 'n')).has_value());
  EXPECT_FALSE(parse_stream_address("", "live", std::string(252, 'n')).has_value());
}

TEST(StreamAddress, NamesItsStream) {
  EXPECT_EQ(parse_stream_address("", "a/b", "c?x=1")->stream_id(), "a/b/c");
}

TEST(StreamAddress, TellsAppsThatCannotBe) {
  for (const char* app : {"live", "live/sub", "live?token=..", "/live/"}) {
    EXPECT_TRUE(is_valid_app(app)) << app;
  }
  for (const char* app : {"", "/", "?x", "..", "a/..", "a\nb", "_definst_"}) {
    EXPECT_FALSE(is_valid_app(app)) << app;
  }
}

}  // namespace
}  // namespace weir::media::rtmp
