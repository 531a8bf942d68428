#include "media_svc/instance_load.h"

#include <gtest/gtest.h>

#include <chrono>

namespace weir::media {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

class InstanceLoadTest : public ::testing::Test {
 protected:
  metrics::Registry registry_;
  MediaMetrics metrics_{registry_, 1};
  InstanceLoad load_{metrics_, {}};
};

TEST_F(InstanceLoadTest, TheOldestStreamGrowsOlderUntilItEnds) {
  EXPECT_EQ(load_.sample(kStart).oldest_stream_age, 0s);
  {
    const auto oldest = metrics_.rtmp.stream_beginnings.add(kStart);
    const auto other = metrics_.rtmp.stream_beginnings.add(kStart + 5s);
    EXPECT_EQ(load_.sample(kStart + 7s).oldest_stream_age, 7s);
    EXPECT_EQ(load_.sample(kStart + 9s).oldest_stream_age, 9s);
  }
  EXPECT_EQ(load_.sample(kStart + 10s).oldest_stream_age, 0s);
}

TEST_F(InstanceLoadTest, AStreamThatBeginsDuringTheReportIsNew) {
  const auto stream = metrics_.rtmp.stream_beginnings.add(kStart + 1ms);
  EXPECT_EQ(load_.sample(kStart).oldest_stream_age, 0s);
}

TEST_F(InstanceLoadTest, EgressIsOverTheTimeSinceTheLastReport) {
  auto& sent = metrics_.rtmp.egress_bytes.of(0);
  sent.add(5'000);
  EXPECT_EQ(load_.sample(kStart).egress_bits_per_second, 0) << "since when is not known";
  sent.add(1'000);
  EXPECT_EQ(load_.sample(kStart + 2s).egress_bits_per_second, 4'000);
}

}  // namespace
}  // namespace weir::media
