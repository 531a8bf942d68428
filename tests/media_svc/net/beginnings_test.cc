#include "media_svc/net/beginnings.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <utility>

namespace weir::media::net {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kEarly{1s};
constexpr SteadyTime kLate{2s};

TEST(BeginningsTest, TheOldestIsWhatGoesOnForLongest) {
  Beginnings beginnings;
  EXPECT_EQ(beginnings.oldest(), std::nullopt);
  std::optional late = beginnings.add(kLate);
  EXPECT_EQ(beginnings.oldest(), kLate);
  std::optional early = beginnings.add(kEarly);
  EXPECT_EQ(beginnings.oldest(), kEarly) << "whatever the order that they were added in";
  early.reset();
  EXPECT_EQ(beginnings.oldest(), kLate);
  late.reset();
  EXPECT_EQ(beginnings.oldest(), std::nullopt);
}

TEST(BeginningsTest, WhatBeganTogetherEndsByItself) {
  Beginnings beginnings;
  const auto one = beginnings.add(kEarly);
  {
    const auto other = beginnings.add(kEarly);
  }
  EXPECT_EQ(beginnings.oldest(), kEarly);
}

TEST(BeginningsTest, AMovedEntryIsTakenOutOnce) {
  Beginnings beginnings;
  const auto late = beginnings.add(kLate);
  {
    Beginnings::Entry early = beginnings.add(kEarly);
    Beginnings::Entry other = std::move(early);
    early = std::move(other);
    EXPECT_EQ(beginnings.oldest(), kEarly);
  }
  EXPECT_EQ(beginnings.oldest(), kLate);
}

}  // namespace
}  // namespace weir::media::net
