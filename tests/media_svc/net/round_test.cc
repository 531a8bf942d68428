#include "media_svc/net/round.h"

#include <gtest/gtest.h>

namespace weir::media::net {
namespace {

constexpr Duration kSoon{1};
constexpr Duration kNever{3'600'000};

struct Member {
  int rounds = 0;
  void on_round() { ++rounds; }
};

TEST(RoundTest, DoesAllWhoJoinedMeanwhileTogether) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto first = std::make_shared<Member>();
  const auto second = std::make_shared<Member>();
  round.join(first, kSoon);
  round.join(second, kNever);
  io.run();
  EXPECT_EQ(first->rounds, 1);
  EXPECT_EQ(second->rounds, 1);
}

TEST(RoundTest, RunsWhenTheFirstIsDue) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto patient = std::make_shared<Member>();
  const auto hasty = std::make_shared<Member>();
  round.join(patient, kNever);
  round.join(hasty, kSoon);
  io.run();
  EXPECT_EQ(patient->rounds, 1);
  EXPECT_EQ(hasty->rounds, 1);
}

TEST(RoundTest, DoesThoseWhoWaitAtOnceWhenAsked) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto member = std::make_shared<Member>();
  round.join(member, kNever);
  round.run_now();
  EXPECT_EQ(member->rounds, 1);
  // Nothing is left to wait for.
  io.run();
  EXPECT_EQ(member->rounds, 1);
}

TEST(RoundTest, LeavesOutWhoLeft) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto gone = std::make_shared<Member>();
  const auto patient = std::make_shared<Member>();
  round.join(gone, kSoon);
  round.join(patient, kSoon);
  round.leave(*gone);
  io.run();
  EXPECT_EQ(gone->rounds, 0);
  EXPECT_EQ(patient->rounds, 1);
}

TEST(RoundTest, WaitsForNobodyOnceAllHaveLeft) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto member = std::make_shared<Member>();
  round.join(member, kNever);
  round.leave(*member);
  round.leave(*member);
  io.run();
  EXPECT_EQ(member->rounds, 0);
}

TEST(RoundTest, BeginsAnewAfterThat) {
  boost::asio::io_context io;
  Round<Member> round(io);
  const auto member = std::make_shared<Member>();
  round.join(member, kNever);
  round.run_now();
  round.join(member, kSoon);
  io.run();
  EXPECT_EQ(member->rounds, 2);
}

}  // namespace
}  // namespace weir::media::net
