// Publishers and players that come while control is away, over real sockets.
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <string>
#include <vector>

#include "common/grpc/status.h"
#include "tests/media_svc/net/service_fixture.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientRefused;
using rtmp::ClientStarted;

class OfflineTest : public ServiceFixture {
 protected:
  // For an answer that does not come; one that does comes sooner on the busiest machine.
  static constexpr Duration kShort{2'000};

  void start_with_publisher(const std::string& name) {
    start();
    publisher_.emplace(listener->address(), rtmp::ClientSession::Role::kPublish, name);
    ASSERT_TRUE(publisher_->wait_for<ClientStarted>());
    ASSERT_TRUE(control.wait_told({"session-1 started"}));
  }
  void start_without_control(const std::string& published) {
    start_with_publisher(published);
    control.stop();
    ASSERT_TRUE(wait_lost());
  }
  // Since `restart`: what is held has been told to this life of control.
  bool wait_held_again(int attached_before) {
    return control.wait([&](const auto& seen) {
      return seen.attached > attached_before && seen.held_complete && seen.held.size() == 1;
    });
  }
  bool wait_lost() {
    return wait_until([&] { return !link->connected(); });
  }
  // Control takes nobody in on this instance, `times` times.
  void restart_not_accepting(int times = std::numeric_limits<int>::max()) {
    control.on_admit([this, times](const auto& request, auto& response) {
      if (refused_ < times) {
        ++refused_;
        return wire::StatusBuilder(grpc::UNAVAILABLE, "INSTANCE_NOT_ACCEPTING", "no new work")
            .build();
      }
      response.mutable_session()->set_session_id("bob's");
      response.mutable_session()->set_user_id(request.user_id());
      return grpc::Status::OK;
    });
    control.restart();
  }

  std::optional<RtmpPeer> publisher_;
  std::atomic<int> refused_ = 0;
};

TEST_F(OfflineTest, APublisherOfBeforeGoesOnWithItsSession) {
  start_with_publisher("show?user=ann&token=t");
  control.stop();
  publisher_->close();
  ASSERT_TRUE(wait_until([&] { return !streams->published("live/show"); }));

  RtmpPeer again = publisher("show?user=ann&token=t");
  ASSERT_TRUE(again.wait_for<ClientStarted>());
  control.restart();
  EXPECT_TRUE(
      control.wait_told({"session-1 started", "session-1 interrupted", "session-1 started"}));
  const auto seen = control.seen();
  ASSERT_EQ(seen.held.size(), 1u);
  EXPECT_EQ(seen.held[0].session_id(), "session-1");
  EXPECT_EQ(seen.held[0].admission().user_id(), "ann");
  EXPECT_EQ(seen.held[0].admission().credential(), "");
  EXPECT_EQ(seen.admissions.size(), 1u) << "nothing new was asked for";

  again.stop();
  EXPECT_TRUE(control.wait_told(
      {"session-1 started", "session-1 interrupted", "session-1 started", "session-1 completed"}));
}

// Its half-open connection holds the name until somebody notices.
TEST_F(OfflineTest, AlsoWhileItsOldConnectionLingers) {
  start_with_publisher("show?user=ann");
  control.stop();
  RtmpPeer again = publisher("show?user=ann");
  ASSERT_TRUE(again.wait_for<ClientStarted>());
  EXPECT_TRUE(publisher_->wait_closed());
  const int attached_before = control.seen().attached;
  control.restart();
  ASSERT_TRUE(wait_held_again(attached_before));
  again.stop();
  EXPECT_TRUE(control.wait_told({"session-1 started", "session-1 started", "session-1 completed"}));
}

TEST_F(OfflineTest, AStrangerAndOneThatWasDoneAreRefused) {
  start_with_publisher("show?user=ann&token=t");
  publisher_->stop();
  publisher_->close();
  ASSERT_TRUE(control.wait_told({"session-1 started", "session-1 completed"}));
  control.stop();
  ASSERT_TRUE(wait_lost());
  for (const char* name : {"show?user=ann&token=t", "show?user=eve&token=t", "other?user=ann"}) {
    RtmpPeer late = publisher(name);
    const auto refused = late.wait_for<ClientRefused>();
    ASSERT_TRUE(refused) << name;
    EXPECT_NE(refused->description.find("retry in"), std::string::npos);
  }
}

TEST_F(OfflineTest, NorOneThatControlEndedWhileItWasAway) {
  start_with_publisher("show?user=ann&token=t");
  RtmpPeer later = publisher("later");
  ASSERT_TRUE(later.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told(2));
  publisher_->close();
  ASSERT_TRUE(control.wait_told_last("session-1 interrupted"));
  control.end_session("session-1", 1, v1::END_REASON_KICKED);
  // Orders are taken one after the other.
  control.end_session("session-2", 2, v1::END_REASON_KICKED);
  ASSERT_TRUE(later.wait_for<ClientRefused>());
  control.stop();
  ASSERT_TRUE(wait_lost());
  RtmpPeer again = publisher("show?user=ann&token=t");
  EXPECT_TRUE(again.wait_for<ClientRefused>());
}

TEST_F(OfflineTest, ControlMayEndWhatWasTakenUp) {
  start_with_publisher("show?user=ann");
  control.stop();
  publisher_->close();
  RtmpPeer again = publisher("show?user=ann");
  ASSERT_TRUE(again.wait_for<ClientStarted>());
  const int attached_before = control.seen().attached;
  control.restart();
  ASSERT_TRUE(wait_held_again(attached_before));
  control.end_session("session-1", 1, v1::END_REASON_REPLACED);
  EXPECT_TRUE(again.wait_for<ClientRefused>());
  EXPECT_TRUE(again.wait_closed());
}

// Control that stands still takes the question, and answers it long after.
TEST_F(OfflineTest, ALateAnswerTakesThePlaceOfTheOldSession) {
  limits.admission_timeout = kShort;
  start_with_publisher("show?user=ann");
  publisher_->close();
  ASSERT_TRUE(control.wait_told({"session-1 started", "session-1 interrupted"}));
  control.hold_admissions();
  RtmpPeer again = publisher("show?user=ann");
  ASSERT_TRUE(again.wait_for<ClientStarted>());
  control.release_admissions();
  ASSERT_TRUE(control.wait_told_last("session-2 started"));
  again.stop();
  EXPECT_TRUE(control.wait_told_last("session-2 completed"));
}

// To control the connection before is still there; the next Hello tells it the truth.
TEST_F(OfflineTest, ALateRefusalEndsNothing) {
  limits.admission_timeout = kShort;
  start_with_publisher("show?user=ann");
  publisher_->close();
  ASSERT_TRUE(control.wait_told({"session-1 started", "session-1 interrupted"}));
  control.on_admit([](const v1::AdmitSessionRequest&, v1::AdmitSessionResponse&) {
    return wire::StatusBuilder(grpc::FAILED_PRECONDITION, "STREAM_ALREADY_PUBLISHED", "").build();
  });
  control.hold_admissions();
  RtmpPeer again = publisher("show?user=ann");
  ASSERT_TRUE(again.wait_for<ClientStarted>());
  control.release_admissions();
  ASSERT_TRUE(wait_until([&] { return refusals_heard == 1; }));
  again.stop();
  EXPECT_TRUE(control.wait_told(
      {"session-1 started", "session-1 interrupted", "session-1 started", "session-1 completed"}));
}

TEST_F(OfflineTest, NoPlayerIsLetInByDefault) {
  start_without_control("show");
  RtmpPeer late = player("show");
  EXPECT_TRUE(late.wait_for<ClientRefused>());
}

TEST_F(OfflineTest, PlayersAreLetInWhereAllowedAndAdmittedAfterwards) {
  limits.offline.max_players = 1;
  start_without_control("show");
  RtmpPeer first = player("show?user=bob&token=b");
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  RtmpPeer second = player("show?user=carol");
  EXPECT_TRUE(second.wait_for<ClientRefused>()) << "one is allowed";

  control.restart();
  EXPECT_TRUE(control.wait_told({"session-1 started", "session-2 started"}));
  EXPECT_EQ(control.seen().admissions.back().credential(), "b");
  first.close();
  EXPECT_TRUE(control.wait_told({"session-1 started", "session-2 started", "session-2 completed"}));
}

TEST_F(OfflineTest, APlayerThatControlDoesNotWantIsTurnedOutAfterwards) {
  limits.offline.max_players = 1;
  start_without_control("show");
  RtmpPeer late = player("show?user=bob");
  ASSERT_TRUE(late.wait_for<ClientStarted>());
  control.on_admit([](const v1::AdmitSessionRequest&, v1::AdmitSessionResponse&) {
    return wire::StatusBuilder(grpc::RESOURCE_EXHAUSTED, "SESSION_LIMIT_REACHED", "3 of 3").build();
  });
  control.restart();
  const auto ended = late.wait_for<ClientRefused>();
  ASSERT_TRUE(ended);
  EXPECT_NE(ended->description.find("3 of 3"), std::string::npos);
  EXPECT_TRUE(late.wait_closed());
}

// As control does until it has heard of an instance again that it had given up.
TEST_F(OfflineTest, APlayerStaysWhereControlHasYetToHearOfTheInstance) {
  limits.offline.max_players = 1;
  start_without_control("show");
  RtmpPeer late = player("show?user=bob");
  ASSERT_TRUE(late.wait_for<ClientStarted>());
  restart_not_accepting(2);
  EXPECT_TRUE(control.wait_told({"session-1 started", "bob's started"}));
}

TEST_F(OfflineTest, ButNotForEver) {
  limits.offline.max_players = 1;
  start_without_control("show");
  RtmpPeer late = player("show?user=bob");
  ASSERT_TRUE(late.wait_for<ClientStarted>());
  restart_not_accepting();
  EXPECT_TRUE(late.wait_closed());
  EXPECT_EQ(refused_, 5);
}

TEST_F(OfflineTest, NorWhileTheInstanceDrains) {
  limits.offline.max_players = 1;
  start_without_control("show");
  RtmpPeer late = player("show?user=bob");
  ASSERT_TRUE(late.wait_for<ClientStarted>());
  service->set_accepting(false);
  restart_not_accepting();
  EXPECT_TRUE(late.wait_closed());
  EXPECT_EQ(refused_, 1);
}

TEST_F(OfflineTest, APlayerThatLeftMeanwhileGivesItsSessionBack) {
  limits.offline.max_players = 1;
  limits.admission_timeout = kShort;
  start_with_publisher("show");
  control.hold_admissions();
  {
    RtmpPeer brief = player("show?user=bob");
    ASSERT_TRUE(brief.wait_for<ClientStarted>());
  }
  ASSERT_TRUE(wait_for_metric("weir_players{protocol=\"rtmp\"} 0"));
  control.release_admissions();
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released.size() == 1; }));
}

}  // namespace
}  // namespace weir::media::testing
