#include "media_svc/drain/lifetime.h"

#include <gtest/gtest.h>

namespace weir::media::drain {
namespace {

using namespace std::chrono_literals;

TEST(Lifetime, IsSpreadByATenthToEitherSide) {
  EXPECT_EQ(jittered(100h, 0), 90h);
  EXPECT_EQ(jittered(100h, 0.5), 100h);
  EXPECT_EQ(jittered(100h, 0.75), 105h);
}

TEST(Lifetime, ZeroIsForEver) { EXPECT_EQ(jittered(0h, 0.3), std::nullopt); }

}  // namespace
}  // namespace weir::media::drain
