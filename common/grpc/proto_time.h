// Times between our clocks and the protobuf well-known types. Pure functions, any thread.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "common/clock.h"

namespace weir::wire {

google::protobuf::Duration to_proto(Duration duration);
google::protobuf::Timestamp to_proto(WallTime time);
// In place: a message on an arena cannot take over another's memory.
void fill(Duration duration, google::protobuf::Duration& proto);
void fill(WallTime time, google::protobuf::Timestamp& proto);

// Nothing when the message breaks its own rules: nanos out of range, signs that differ, or a
// length beyond the 10,000 years that the type allows. Cut to whole milliseconds.
std::optional<Duration> from_proto(const google::protobuf::Duration& duration);
std::optional<WallTime> from_proto(const google::protobuf::Timestamp& time);

}  // namespace weir::wire
