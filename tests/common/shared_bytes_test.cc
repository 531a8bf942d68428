#include "common/shared_bytes.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

TEST(SharedBytes, EmptyByDefault) {
  const SharedBytes bytes;
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes, SharedBytes::copy_of(std::string_view{}));
}

TEST(SharedBytes, CopiesShareOneBlock) {
  const SharedBytes first = SharedBytes::copy_of("frame");
  // The copy is what is tested.
  const SharedBytes second = first;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(first.data(), second.data());
}

TEST(SharedBytes, BuilderGrowsWithWhatArrives) {
  SharedBytes::Builder builder;
  const std::vector<std::uint8_t> piece(1000, 7);
  for (int i = 0; i < 10; ++i) builder.append(piece);
  EXPECT_LT(builder.capacity(), 20'001U);
  const SharedBytes bytes = builder.take();
  EXPECT_EQ(bytes, SharedBytes::copy_of(std::vector<std::uint8_t>(10'000, 7)));
  EXPECT_EQ(builder.size(), 0U);
}

TEST(SharedBytes, GoesBehindOthersInTheRoomThatWasLeft) {
  SharedBytes::Builder builder(4);
  builder.append(SharedBytes::copy_of("fra"));
  builder.append(SharedBytes::copy_of("me"));
  const SharedBytes bytes = builder.take();
  const SharedBytes behind = bytes.behind(SharedBytes::copy_of("a "));
  EXPECT_EQ(behind, SharedBytes::copy_of("a frame"));
  EXPECT_EQ(behind.data() + 2, bytes.data());
  EXPECT_EQ(bytes, SharedBytes::copy_of("frame"));
}

TEST(SharedBytes, GoesBehindOthersAsACopyWhereThereIsNoRoom) {
  SharedBytes::Builder builder(2);
  builder.append(SharedBytes::copy_of("frame"));
  const SharedBytes bytes = builder.take();
  EXPECT_EQ(bytes.behind(SharedBytes::copy_of("one ")), SharedBytes::copy_of("one frame"));
  const SharedBytes first = bytes.behind(SharedBytes::copy_of("a "));
  // The room is taken.
  EXPECT_EQ(bytes.behind(SharedBytes::copy_of("b ")), SharedBytes::copy_of("b frame"));
  EXPECT_EQ(first, SharedBytes::copy_of("a frame"));
  EXPECT_EQ(first.behind(SharedBytes::copy_of("so ")), SharedBytes::copy_of("so a frame"));
  EXPECT_EQ(SharedBytes().behind(SharedBytes::copy_of("nothing")), SharedBytes::copy_of("nothing"));
}

TEST(SharedBytes, OutlivesTheHandleItCameFrom) {
  SharedBytes kept;
  {
    const SharedBytes first = SharedBytes::copy_of("key");
    kept = first;
  }
  EXPECT_EQ(kept, SharedBytes::copy_of("key"));
}

}  // namespace
}  // namespace weir
