#include "control_svc/store/record_table.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::control::store {
namespace {

using namespace std::chrono_literals;

domain::StreamClaim claim(std::string_view stream_id, SteadyTime review_at) {
  domain::StreamClaim claim;
  claim.stream_id = domain::Text(stream_id);
  claim.review_at = review_at;
  return claim;
}

std::vector<std::string> take_due(RecordTable<domain::StreamClaim>& table, SteadyTime now) {
  std::vector<domain::Text> due;
  table.take_due(now, 10, due);
  std::vector<std::string> keys;
  for (const domain::Text& key : due) keys.push_back(key.str());
  return keys;
}

TEST(RecordTable, WhatIsDueComesUpOnceItIs) {
  const SteadyTime start{1h};
  RecordTable<domain::StreamClaim> table;
  table.put(std::nullopt, claim("live/a", start + 10s), 1);
  EXPECT_TRUE(take_due(table, start + 9s).empty());
  EXPECT_EQ(take_due(table, start + 11s), std::vector<std::string>{"live/a"});
  EXPECT_TRUE(take_due(table, start + 11s).empty());
}

// Whose place was another's, and that one's turn came while the place was free.
TEST(RecordTable, SoDoesOneInAnothersPlace) {
  const SteadyTime start{1h};
  RecordTable<domain::StreamClaim> table;
  const auto place = table.put(std::nullopt, claim("live/a", start + 1s), 1);
  table.remove("live/a");
  EXPECT_TRUE(take_due(table, start + 2s).empty());
  EXPECT_EQ(table.put(std::nullopt, claim("live/b", start + 3s), 1), place);
  EXPECT_EQ(take_due(table, start + 4s), std::vector<std::string>{"live/b"});
}

}  // namespace
}  // namespace weir::control::store
