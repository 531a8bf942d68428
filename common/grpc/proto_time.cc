#include "common/grpc/proto_time.h"

#include <cstdint>

namespace weir::wire {
namespace {

constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
// google/protobuf/duration.proto: "from approximately -10,000 years to +10,000 years".
constexpr std::int64_t kMaxDurationSeconds = 315'576'000'000;
// google/protobuf/timestamp.proto: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
constexpr std::int64_t kMinTimestampSeconds = -62'135'596'800;
constexpr std::int64_t kMaxTimestampSeconds = 253'402'300'799;

}  // namespace

google::protobuf::Duration to_proto(Duration duration) {
  google::protobuf::Duration proto;
  fill(duration, proto);
  return proto;
}

google::protobuf::Timestamp to_proto(WallTime time) {
  google::protobuf::Timestamp proto;
  fill(time, proto);
  return proto;
}

void fill(Duration duration, google::protobuf::Duration& proto) {
  proto.set_seconds(duration.count() / 1000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1000 * kNanosPerMilli));
}

void fill(WallTime time, google::protobuf::Timestamp& proto) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  proto.set_seconds(seconds.time_since_epoch().count());
  proto.set_nanos(static_cast<std::int32_t>((time - seconds).count() * kNanosPerMilli));
}

std::optional<Duration> from_proto(const google::protobuf::Duration& duration) {
  const std::int64_t seconds = duration.seconds();
  const std::int64_t nanos = duration.nanos();
  if (seconds > kMaxDurationSeconds || seconds < -kMaxDurationSeconds) return std::nullopt;
  if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond) return std::nullopt;
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) return std::nullopt;
  return Duration{seconds * 1000 + nanos / kNanosPerMilli};
}

std::optional<WallTime> from_proto(const google::protobuf::Timestamp& time) {
  const std::int64_t seconds = time.seconds();
  const std::int64_t nanos = time.nanos();
  if (seconds < kMinTimestampSeconds || seconds > kMaxTimestampSeconds) return std::nullopt;
  if (nanos < 0 || nanos >= kNanosPerSecond) return std::nullopt;
  return WallTime{Duration{seconds * 1000 + nanos / kNanosPerMilli}};
}

}  // namespace weir::wire
