#include "common/grpc/proto_time.h"

#include <gtest/gtest.h>

namespace weir::wire {
namespace {

using namespace std::chrono_literals;

google::protobuf::Duration duration(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Duration proto;
  proto.set_seconds(seconds);
  proto.set_nanos(nanos);
  return proto;
}

google::protobuf::Timestamp timestamp(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(seconds);
  proto.set_nanos(nanos);
  return proto;
}

TEST(ProtoTime, DurationsSurviveTheRoundTrip) {
  for (const Duration value : {0ms, 1ms, 999ms, 1000ms, 12'345ms, -1ms, -1500ms}) {
    EXPECT_EQ(from_proto(to_proto(value)), value) << value.count();
  }
}

TEST(ProtoTime, TimesSurviveTheRoundTripAlsoBefore1970) {
  for (const Duration value : {0ms, 1ms, 1'700'000'000'123ms, -1ms, -1500ms}) {
    const WallTime time{value};
    EXPECT_EQ(from_proto(to_proto(time)), time) << value.count();
    EXPECT_GE(to_proto(time).nanos(), 0);
  }
}

TEST(ProtoTime, RefusesWhatBreaksTheRulesOfTheType) {
  EXPECT_FALSE(from_proto(duration(1, -1)));
  EXPECT_FALSE(from_proto(duration(-1, 1)));
  EXPECT_FALSE(from_proto(duration(0, 1'000'000'000)));
  EXPECT_FALSE(from_proto(duration(0, -1'000'000'000)));
  EXPECT_FALSE(from_proto(duration(INT64_MAX, 0)));
  EXPECT_FALSE(from_proto(duration(INT64_MIN, 0)));
  EXPECT_FALSE(from_proto(timestamp(0, -1)));
  EXPECT_FALSE(from_proto(timestamp(0, 1'000'000'000)));
  EXPECT_FALSE(from_proto(timestamp(INT64_MAX, 0)));
  EXPECT_FALSE(from_proto(timestamp(INT64_MIN, 0)));
}

}  // namespace
}  // namespace weir::wire
