#include "control_svc/rpc/large_answers.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::control::rpc {
namespace {

TEST(LargeAnswers, OneCallerLeavesRoomForTheOthers) {
  LargeAnswers answers;
  std::vector<LargeAnswers::Permit> held;
  for (std::size_t i = 0; i < LargeAnswers::kMostOfOneCaller; ++i) {
    auto permit = answers.take("deaf");
    ASSERT_TRUE(permit);
    held.push_back(*std::move(permit));
  }
  EXPECT_FALSE(answers.take("deaf"));
  EXPECT_TRUE(answers.take("another"));
  held.pop_back();
  EXPECT_TRUE(answers.take("deaf"));
}

TEST(LargeAnswers, ManyCallersHaveABoundTogether) {
  LargeAnswers answers;
  std::vector<LargeAnswers::Permit> held;
  for (std::size_t i = 0; i < LargeAnswers::kMost; ++i) {
    auto permit = answers.take("caller " + std::to_string(i));
    ASSERT_TRUE(permit);
    held.push_back(*std::move(permit));
  }
  EXPECT_FALSE(answers.take("one more"));
  held.clear();
  EXPECT_TRUE(answers.take("one more"));
}

}  // namespace
}  // namespace weir::control::rpc
