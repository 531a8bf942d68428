#include "tests/load/target.h"

#include <gtest/gtest.h>

namespace weir::load {
namespace {

TEST(Target, TakesAHostAPortAnAppAndAName) {
  const auto target = parse_target("rtmp://media.example:1936/live/cam?token=t");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "media.example");
  EXPECT_EQ(target->port, 1936);
  EXPECT_EQ(target->app, "live");
  EXPECT_EQ(target->name, "cam?token=t");
}

TEST(Target, KnowsTheDefaultPortAndIpv6) {
  EXPECT_EQ(parse_target("rtmp://media/live/cam")->port, 1935);
  const auto target = parse_target("rtmp://[::1]/live/cam");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "::1");
  EXPECT_EQ(target->port, 1935);
  EXPECT_EQ(target->url(0, 0).tc_url, "rtmp://[::1]:1935/live");
}

TEST(Target, PutsNumbersIntoNameAndQuery) {
  const auto target = parse_target("rtmp://h/live/cam{stream}?user=u{client}&s={stream}");
  ASSERT_TRUE(target);
  const StreamUrl url = target->url(7, 12);
  EXPECT_EQ(url.app, "live");
  EXPECT_EQ(url.tc_url, "rtmp://h:1935/live");
  EXPECT_EQ(url.name, "cam7?user=u12&s=7");
}

TEST(Target, RefusesWhatIsNoStream) {
  for (const char* text :
       {"", "http://h/live/cam", "rtmp://", "rtmp://h", "rtmp://h/live", "rtmp://h/live/",
        "rtmp://h//cam", "rtmp:///live/cam", "rtmp://h:port/live/cam", "rtmp://h:70000/live/cam"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

}  // namespace
}  // namespace weir::load
