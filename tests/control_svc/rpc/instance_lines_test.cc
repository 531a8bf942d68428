#include "control_svc/rpc/instance_lines.h"

#include <gtest/gtest.h>

#include "common/clock.h"

namespace weir::control::rpc {
namespace {

TEST(InstanceLines, WhatIsTakenLateTakesNothingBack) {
  InstanceLines lines;
  const FakeClock clock;
  domain::InstanceHello hello;
  hello.instance_id = "media-1";
  hello.incarnation = "first";
  const auto attach = [&] { lines.attach(hello, nullptr, Duration{2'000}, clock.now().steady); };
  attach();
  lines.note_events_taken("media-1", "first", 8);
  lines.note_events_taken("media-1", "first", 6);
  EXPECT_EQ(lines.events_taken("media-1", "first"), 8);
  lines.note_events_taken("media-1", "older", 9);
  EXPECT_EQ(lines.events_taken("media-1", "first"), 8);
  attach();
  EXPECT_EQ(lines.events_taken("media-1", "first"), 8) << "the same process";

  hello.incarnation = "second";
  attach();
  EXPECT_EQ(lines.events_taken("media-1", "second"), 0);
}

}  // namespace
}  // namespace weir::control::rpc
