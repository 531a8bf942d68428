#include "media_svc/admission/offline_admission.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir::media::admission {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class OfflineAdmissionTest : public testing::Test {
 protected:
  static HeldSession session(const std::string& id, std::int64_t epoch,
                             const std::string& stream = "live/a") {
    return {.session_id = id, .user_id = "ada", .stream_id = stream, .epoch = epoch};
  }
  const HeldSession* resume(std::string_view identity = "digest") const {
    return offline_.resume("live/a", identity, now_);
  }

  SteadyTime now_{seconds(1'000)};
  OfflineAdmission offline_{OfflineLimits{.max_remembered = 3, .max_players = 2}};
};

TEST_F(OfflineAdmissionTest, KnowsNobodyAtFirst) { EXPECT_EQ(resume(), nullptr); }

TEST_F(OfflineAdmissionTest, APublisherGoesOnWithItsSession) {
  offline_.started(session("s1", 4), "digest");
  ASSERT_NE(resume(), nullptr) << "the old connection may linger";
  offline_.lost("s1", 4, now_);
  now_ += minutes(5);
  ASSERT_NE(resume(), nullptr);
  EXPECT_EQ(resume()->session_id, "s1");
  EXPECT_EQ(resume()->epoch, 4);
}

TEST_F(OfflineAdmissionTest, NotAfterFiveMinutes) {
  offline_.started(session("s1", 4), "digest");
  now_ += minutes(60);
  EXPECT_NE(resume(), nullptr) << "it is still connected";
  offline_.lost("s1", 4, now_);
  now_ += minutes(5) + seconds(1);
  EXPECT_EQ(resume(), nullptr);
}

TEST_F(OfflineAdmissionTest, NotAsSomebodyElse) {
  offline_.started(session("s1", 4), "digest");
  EXPECT_EQ(resume("another digest"), nullptr);
  EXPECT_EQ(offline_.resume("live/b", "digest", now_), nullptr);
}

TEST_F(OfflineAdmissionTest, NotOnceItEnded) {
  offline_.started(session("s1", 4), "digest");
  offline_.ended("s1", 4);
  offline_.lost("s1", 4, now_);
  EXPECT_EQ(resume(), nullptr);
  EXPECT_EQ(offline_.size(), 0U);
}

TEST_F(OfflineAdmissionTest, TheNewestEpochCounts) {
  offline_.started(session("s2", 5), "newer");
  offline_.started(session("s1", 4), "digest");
  EXPECT_EQ(resume("digest"), nullptr);
  EXPECT_NE(resume("newer"), nullptr);
  offline_.started(session("s3", 6), "newest");
  // Late words about those that were replaced.
  offline_.lost("s2", 5, now_);
  offline_.ended("s2", 5);
  ASSERT_NE(resume("newest"), nullptr);
  EXPECT_EQ(offline_.size(), 1U);
}

TEST_F(OfflineAdmissionTest, ATakenUpSessionIsKnownAnew) {
  offline_.started(session("s1", 4), "digest");
  offline_.lost("s1", 4, now_);
  now_ += minutes(4);
  offline_.started(session("s1", 5), "digest");
  now_ += minutes(4);
  offline_.lost("other", 1, now_);
  ASSERT_NE(resume(), nullptr);
  EXPECT_EQ(resume()->epoch, 5);
}

TEST_F(OfflineAdmissionTest, TheOldConnectionsEndIsNotTheNewOnes) {
  offline_.started(session("s1", 4), "digest");
  offline_.started(session("s1", 5), "digest");
  offline_.lost("s1", 4, now_);
  offline_.ended("s1", 4);
  now_ += minutes(60);
  ASSERT_NE(resume(), nullptr);
  EXPECT_EQ(resume()->epoch, 5);
}

// Taken up without control, the epoch stays.
TEST_F(OfflineAdmissionTest, TheLastConnectionOfAnEpochCounts) {
  offline_.started(session("s1", 4), "digest");
  offline_.started(session("s1", 4), "digest");
  offline_.lost("s1", 4, now_);
  now_ += minutes(60);
  ASSERT_NE(resume(), nullptr) << "the newer connection is there";
  offline_.lost("s1", 4, now_);
  now_ += minutes(6);
  EXPECT_EQ(resume(), nullptr);
}

TEST_F(OfflineAdmissionTest, RemembersABoundedNumberOfTheLost) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = "s" + std::to_string(i);
    offline_.started(session(id, 1, "live/" + id), "digest");
    offline_.lost(id, 1, now_);
    now_ += seconds(1);
  }
  EXPECT_EQ(offline_.size(), 3U);
  EXPECT_NE(offline_.resume("live/s9", "digest", now_), nullptr);
  EXPECT_EQ(offline_.resume("live/s0", "digest", now_), nullptr);
}

TEST_F(OfflineAdmissionTest, ForgetsWhatIsTooOld) {
  offline_.started(session("s1", 1, "live/1"), "digest");
  offline_.lost("s1", 1, now_);
  offline_.started(session("s2", 1, "live/2"), "digest");
  now_ += minutes(6);
  offline_.lost("s2", 1, now_);
  EXPECT_EQ(offline_.size(), 1U);
}

TEST_F(OfflineAdmissionTest, WhoWasLostAgainIsKnownFromThenOn) {
  offline_.started(session("s1", 1), "digest");
  offline_.lost("s1", 1, now_);
  offline_.started(session("s1", 2), "digest");
  now_ += minutes(3);
  offline_.lost("s1", 2, now_);
  now_ += minutes(4);
  // Whose loss has the first one forgotten.
  offline_.started(session("s2", 1, "live/2"), "digest");
  offline_.lost("s2", 1, now_);
  EXPECT_NE(resume(), nullptr);
}

TEST_F(OfflineAdmissionTest, LetsInAFewPlayersForAWhile) {
  EXPECT_FALSE(offline_.admit_player(now_)) << "control is there";
  offline_.control_lost(now_);
  now_ += minutes(4);
  offline_.control_lost(now_);
  EXPECT_TRUE(offline_.admit_player(now_));
  now_ += minutes(1);
  EXPECT_TRUE(offline_.admit_player(now_));
  EXPECT_FALSE(offline_.admit_player(now_)) << "two are allowed";
  offline_.control_back();
  offline_.control_lost(now_);
  EXPECT_TRUE(offline_.admit_player(now_));
  now_ += minutes(6);
  EXPECT_FALSE(offline_.admit_player(now_)) << "too long";
}

TEST(OfflineAdmission, LetsNoPlayerInByDefault) {
  OfflineAdmission offline{OfflineLimits{}};
  offline.control_lost(SteadyTime{});
  EXPECT_FALSE(offline.admit_player(SteadyTime{}));
}

}  // namespace
}  // namespace weir::media::admission
