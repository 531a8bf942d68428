// One stream, several publishers' connections after each other: which of them counts.
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "common/grpc/proto_time.h"
#include "tests/media_svc/net/service_fixture.h"

namespace weir::media::testing {
namespace {

using rtmp::ClientRefused;
using rtmp::ClientStarted;
using rtmp::MessageType;
using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class TakeoverTest : public ServiceFixture {
 protected:
  struct Answer {
    std::string session_id;
    std::int64_t epoch;
  };

  // Control's answers, in this order.
  void admit_as(std::deque<Answer> answers) {
    control.on_admit(
        [this, answers = std::move(answers)](const v1::AdmitSessionRequest& request,
                                             v1::AdmitSessionResponse& response) mutable {
          if (answers.empty()) return grpc::Status(grpc::INTERNAL, "no more answers");
          v1::Session& session = *response.mutable_session();
          session.set_session_id(answers.front().session_id);
          session.set_epoch(answers.front().epoch);
          session.set_stream_id(request.stream_id());
          session.set_kind(request.kind());
          *response.mutable_touch_interval() = wire::to_proto(touch_interval_);
          answers.pop_front();
          return grpc::Status::OK;
        });
  }

  Duration touch_interval_{100};
};

TEST_F(TakeoverTest, TheNewerEpochHoldsTheStreamAndPlayersGoOn) {
  admit_as({{"old", 1}, {"watching", 0}, {"new", 2}});
  start();
  RtmpPeer first = publisher("show");
  ASSERT_TRUE(first.wait_for<ClientStarted>());
  RtmpPeer watching = player("show");
  ASSERT_TRUE(watching.wait_for<ClientStarted>());
  first.send(MessageType::kVideo, 0, keyframe("first"));
  EXPECT_EQ(next_video(watching), keyframe("first"));

  RtmpPeer second = publisher("show");
  ASSERT_TRUE(second.wait_for<ClientStarted>());
  const auto ended = first.wait_for<ClientRefused>();
  ASSERT_TRUE(ended);
  EXPECT_NE(ended->description.find("took the stream over"), std::string::npos);
  EXPECT_TRUE(first.wait_closed());
  second.send(MessageType::kVideo, 0, keyframe("second"));
  EXPECT_EQ(next_video(watching), keyframe("second"));

  second.stop();
  ASSERT_TRUE(control.wait_told_last("new completed"));
  // Of the old one control knows already.
  for (const std::string& told : control.seen().told()) {
    EXPECT_NE(told, "old completed");
    EXPECT_NE(told, "old interrupted");
  }
}

// Answers may overtake each other on their way.
TEST_F(TakeoverTest, AnOlderEpochThatArrivesLateIsRefusedAndGivenBack) {
  admit_as({{"new", 2}, {"old", 1}});
  start();
  RtmpPeer holder = publisher("show");
  ASSERT_TRUE(holder.wait_for<ClientStarted>());
  RtmpPeer late = publisher("show");
  const auto refused = late.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Publish.BadName");
  EXPECT_TRUE(control.wait([](const auto& seen) { return seen.released == Told{"old"}; }));
  EXPECT_TRUE(streams->published("live/show"));
}

TEST_F(TakeoverTest, APublisherThatComesBackTakesItsSessionFromItsOldConnection) {
  admit_as({{"mine", 1}, {"mine", 2}});
  start();
  RtmpPeer half_open = publisher("show");
  ASSERT_TRUE(half_open.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told({"mine started"}));
  RtmpPeer back = publisher("show");
  ASSERT_TRUE(back.wait_for<ClientStarted>());
  EXPECT_TRUE(half_open.wait_closed());
  ASSERT_TRUE(control.wait_told({"mine started", "mine started"}));
  // Control tells every older holder; the newer connection is not meant.
  control.end_session("mine", 1, v1::END_REASON_MOVED);
  back.stop();
  EXPECT_TRUE(control.wait_told({"mine started", "mine started", "mine completed"}));
}

// Kicked, or replaced by its user's next session, before its worker has come to the answer.
TEST_F(TakeoverTest, ASessionThatEndsBeforeItsPublisherHearsOfItIsNotStarted) {
  admit_as({{"mine", 1}});
  start();
  control.hold_admissions();
  RtmpPeer publisher = this->publisher("show");
  ASSERT_TRUE(wait_asked(publisher, 1));
  // Also opened where the test ends early.
  std::promise<void> open;
  const auto gate = open.get_future().share();
  const auto stopped = std::make_shared<std::latch>(kWorkers);
  for (std::size_t i = 0; i < kWorkers; ++i) {
    workers->at(i).post([stopped, gate] {
      stopped->count_down();
      gate.wait();
    });
  }
  stopped->wait();

  const control_link::SessionKey key{.session_id = "mine", .epoch = 1};
  control.release_admissions();
  ASSERT_TRUE(wait_until([&] { return link->holds(key); }));
  control.end_session("mine", 1, v1::END_REASON_KICKED);
  ASSERT_TRUE(wait_until([&] { return !link->holds(key); }));
  open.set_value();
  const auto refused = publisher.wait_for<ClientRefused>();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, "NetStream.Publish.Denied");
  EXPECT_TRUE(wait_until([&] { return streams->size() == 0; }));
}

TEST_F(TakeoverTest, ASilentPublisherIsInterruptedAndMayGoOn) {
  limits.silence_interrupts = 300ms;
  touch_interval_ = 1h;
  admit_as({{"mine", 1}});
  start();
  control.hold_admissions();
  RtmpPeer quiet = publisher("show");
  ASSERT_TRUE(wait_asked(quiet, 1));
  // Sent before it starts, so that silence begins then.
  quiet.send(MessageType::kVideo, 0, keyframe("k0"));
  control.release_admissions();
  ASSERT_TRUE(quiet.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told_last("mine interrupted"));
  const std::size_t touched = control.seen().touched.size();
  // A renewal, however long the next one is off, tells control that it goes on.
  EXPECT_TRUE(wait_until([&] {
    quiet.send(MessageType::kVideo, 40, keyframe("k1"));
    return control.holds([&](const auto& seen) { return seen.touched.size() > touched; });
  }));
  quiet.stop();
  ASSERT_TRUE(control.wait_told_last("mine completed"));
}

TEST_F(TakeoverTest, ASilentConnectionThatIsLostAddsNoSecondEnd) {
  limits.silence_interrupts = 300ms;
  admit_as({{"mine", 1}});
  start();
  RtmpPeer quiet = publisher("show");
  ASSERT_TRUE(quiet.wait_for<ClientStarted>());
  ASSERT_TRUE(control.wait_told({"mine started", "mine interrupted"}));
  quiet.close();
  ASSERT_TRUE(wait_until([&] { return streams->size() == 0; }));
  ASSERT_TRUE(link->flush(30s));
  EXPECT_EQ(control.seen().told(), (Told{"mine started", "mine interrupted"}));
}

}  // namespace
}  // namespace weir::media::testing
