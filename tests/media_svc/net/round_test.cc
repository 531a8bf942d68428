#include "media_svc/net/round.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace weir::media::net {
namespace {

constexpr Duration kSoon{1};
constexpr Duration kNever{3'600'000};

struct Member {
  int rounds = 0;
  std::function<void()> in_round;
  void on_round() {
    ++rounds;
    if (in_round) in_round();
  }
};

class RoundTest : public ::testing::Test {
 protected:
  // One that waits no longer than `wait`.
  std::shared_ptr<Member> join(Duration wait) {
    auto member = std::make_shared<Member>();
    round_.join(member, wait);
    return member;
  }
  // Until nothing is left to wait for.
  void run() { io_.run(); }

  boost::asio::io_context io_;
  Round<Member> round_{io_};
};

TEST_F(RoundTest, DoesAllWhoJoinedOnceOneIsDue) {
  const auto patient_first = join(kNever);
  const auto hasty = join(kSoon);
  const auto patient_later = join(kNever);
  run();
  EXPECT_EQ(patient_first->rounds, 1);
  EXPECT_EQ(hasty->rounds, 1);
  EXPECT_EQ(patient_later->rounds, 1);
}

TEST_F(RoundTest, DoesThoseWhoWaitAtOnceWhenAsked) {
  const auto member = join(kNever);
  round_.run_now();
  EXPECT_EQ(member->rounds, 1);
  run();
  EXPECT_EQ(member->rounds, 1);
}

TEST_F(RoundTest, LeavesOutWhoLeft) {
  const auto gone = join(kSoon);
  const auto patient = join(kSoon);
  round_.leave(*gone);
  run();
  EXPECT_EQ(gone->rounds, 0);
  EXPECT_EQ(patient->rounds, 1);
}

TEST_F(RoundTest, LeavesOutWhoLeavesWhileItRuns) {
  const auto first = join(kSoon);
  const auto second = join(kSoon);
  first->in_round = [&] {
    round_.leave(*second);
    round_.join(second, kSoon);
    first->in_round = nullptr;
  };
  run();
  EXPECT_EQ(first->rounds, 1);
  EXPECT_EQ(second->rounds, 1);
}

TEST_F(RoundTest, WaitsForNobodyOnceAllHaveLeft) {
  const auto member = join(kNever);
  round_.leave(*member);
  round_.leave(*member);
  run();
  EXPECT_EQ(member->rounds, 0);
}

TEST_F(RoundTest, BeginsAnewAfterThat) {
  const auto member = join(kNever);
  round_.run_now();
  round_.join(member, kSoon);
  run();
  EXPECT_EQ(member->rounds, 2);
}

}  // namespace
}  // namespace weir::media::net
