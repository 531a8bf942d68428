#include "common/endpoint.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Endpoint, ReadsWhatItWrites) {
  for (const char* text : {"127.0.0.1:1935", "[::1]:0", "[2001:db8::7]:65535", "localhost:7070",
                           "weir-control.weir.svc.cluster.local:7070"}) {
    const std::optional<Endpoint> endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
}

TEST(Endpoint, RefusesWhatIsNotAnEndpoint) {
  for (const char* text : {"",
                           ":",
                           "1935",
                           ":1935",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 1",
                           "127.0.0.1:1x",
                           "::1:1935",
                           "[::1]",
                           "[::1",
                           "[]:1",
                           "[127.0.0.1]:1",
                           "[::1]x:1",
                           "a b:1",
                           "a/b:1",
                           "http://a:1"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
  EXPECT_FALSE(parse_endpoint(std::string(256, 'a') + ":1"));
}

TEST(Endpoint, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.255.0.1:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(is_loopback(*parse_endpoint(text))) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "128.0.0.1:1", "example.org:1"}) {
    EXPECT_FALSE(is_loopback(*parse_endpoint(text))) << text;
  }
}

}  // namespace
}  // namespace weir
