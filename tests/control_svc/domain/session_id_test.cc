#include "control_svc/domain/session_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir::control::domain {
namespace {

TEST(SessionId, TextAndBytesAreTheSameInTheSameOrder) {
  const SessionId low(3, 0, 1);
  const SessionId high(4, ~std::uint64_t{0}, ~std::uint64_t{0});
  for (const SessionId& id : {low, high, SessionId(63, 5, 6), SessionId{}}) {
    const std::string text = id.str();
    EXPECT_EQ(text.size(), SessionId::kTextSize);
    EXPECT_EQ(SessionId::parse(text), id);
    EXPECT_EQ(SessionId::from_bytes(id.bytes()), id);
  }
  EXPECT_LT(low, high);
  EXPECT_LT(low.str(), high.str());
}

TEST(SessionId, CarriesItsBucket) {
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    EXPECT_EQ(SessionId(bucket, ~std::uint64_t{0}, 0).bucket(), bucket);
    EXPECT_EQ(SessionId(bucket, 0, ~std::uint64_t{0}).bucket(), bucket);
  }
}

TEST(SessionId, WhatIsNoIdIsNotTaken) {
  const std::string good = SessionId(1, 2, 3).str();
  std::string bad_letter = good;
  bad_letter[5] = 'u';
  for (const std::string& text :
       {std::string(), good.substr(1), good + "0", bad_letter, std::string(26, 'A'),
        // 130 bits do not fit.
        "z" + good.substr(1), std::string(26, '\xff')}) {
    EXPECT_FALSE(SessionId::parse(text)) << text;
  }
}

TEST(SessionId, UsersSpreadOverAllBuckets) {
  std::set<std::size_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(bucket_of("user-" + std::to_string(i)));
  EXPECT_EQ(seen.size(), kBuckets);
  // Kept ids rely on it.
  EXPECT_EQ(bucket_of("ann"), bucket_of("ann"));
}

}  // namespace
}  // namespace weir::control::domain
