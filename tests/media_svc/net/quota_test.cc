#include "media_svc/net/quota.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace weir::media::net {
namespace {

TEST(QuotaTest, RefusesAtTheLimitAndTakesBack) {
  Quota quota(2);
  auto first = quota.take();
  auto second = quota.take();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(quota.take());
  first.reset();
  EXPECT_TRUE(quota.take());
  EXPECT_EQ(quota.used(), 1u);
}

TEST(QuotaTest, ZeroIsNoLimitButCounts) {
  Quota quota(0);
  std::vector<Quota::Unit> units;
  units.reserve(100);
  for (int i = 0; i < 100; ++i) units.push_back(*quota.take());
  EXPECT_EQ(quota.used(), 100u);
  units.clear();
  EXPECT_EQ(quota.used(), 0u);
}

TEST(QuotaTest, MovedUnitsAreGivenBackOnce) {
  Quota quota(1);
  {
    Quota::Unit held = *quota.take();
    Quota::Unit other = std::move(held);
    held = std::move(other);
    EXPECT_EQ(quota.used(), 1u);
  }
  EXPECT_EQ(quota.used(), 0u);
}

TEST(KeyedQuotaTest, CountsEachKeyByItself) {
  KeyedQuota<std::string> quota(1);
  auto a = quota.take("a");
  EXPECT_TRUE(a);
  EXPECT_FALSE(quota.take("a"));
  EXPECT_TRUE(quota.take("b"));
  a.reset();
  EXPECT_TRUE(quota.take("a"));
  EXPECT_EQ(quota.keys(), 0u);
}

}  // namespace
}  // namespace weir::media::net
