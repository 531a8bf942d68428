#include "tests/load/stamp.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/load/media_script.h"

namespace weir::load {
namespace {

using media::rtmp::MessageType;

const Time kSent{std::chrono::nanoseconds{0x0123456789abcdef}};

ScriptFrame slice() {
  const std::vector<std::uint8_t> body{0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 0x55};
  return {.type = MessageType::kVideo, .body = SharedBytes::copy_of(body), .takes_stamp = true};
}

TEST(Stamp, IsReadBackFromAStampedFrame) { EXPECT_EQ(read_stamp(stamped(slice(), kSent)), kSent); }

TEST(Stamp, PrecedesTheSliceAsANalUnitOfItsOwn) {
  const SharedBytes body = stamped(slice(), kSent);
  ASSERT_EQ(body.size(), 11 + kStampBytes);
  const auto bytes = body.span();
  EXPECT_EQ(bytes[0], 0x27);
  EXPECT_EQ(bytes[8], kStampNalBytes);
  EXPECT_EQ(bytes[9], 6) << "SEI";
  EXPECT_EQ(bytes[kStampOffset + kStampNalBytes + 4], 0x41) << "the slice";
}

TEST(Stamp, NeedsNoEmulationPrevention) {
  const auto nal = stamp_nal(Time{});
  for (std::size_t i = 0; i + 1 < nal.size(); ++i) EXPECT_FALSE(nal[i] == 0 && nal[i + 1] == 0);
}

TEST(Stamp, IsNotFoundWhereThereIsNone) {
  EXPECT_FALSE(read_stamp(slice().body));
  EXPECT_FALSE(read_stamp({}));
  std::vector<std::uint8_t> body(200, 0x55);
  EXPECT_FALSE(read_stamp(body));
}

TEST(Stamp, IsNotReadFromDigitsThatAreNone) {
  const SharedBytes good = stamped(slice(), kSent);
  std::vector<std::uint8_t> body(good.span().begin(), good.span().end());
  body[kStampOffset + kStampNalBytes - 2] = 'x';
  EXPECT_FALSE(read_stamp(body));
}

TEST(Stamp, LeavesFramesAloneThatTakeNone) {
  ScriptFrame frame = slice();
  frame.takes_stamp = false;
  EXPECT_EQ(stamped(frame, kSent), frame.body);
}

}  // namespace
}  // namespace weir::load
