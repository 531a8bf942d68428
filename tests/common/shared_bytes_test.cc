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
