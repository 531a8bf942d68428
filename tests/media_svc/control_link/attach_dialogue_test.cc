#include "media_svc/control_link/attach_dialogue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "common/grpc/proto_time.h"

namespace weir::media::control_link {
namespace {

using Case = v1::AttachRequest::MessageCase;
using Cases = std::vector<Case>;

class AttachDialogueTest : public testing::Test {
 protected:
  void hold(const std::string& id) {
    Session session;
    session.session_id = id;
    session.epoch = 1;
    outbox_.hold(session, {});
  }
  void report(const std::string& id, SessionReport report) {
    MediaSummary media;
    media.video_codec = "h264";
    media.width = 1920;
    media.bytes = 12'000;
    media.duration = Duration{1'500};
    outbox_.report({id, 1}, report, WallTime{}, media);
  }
  Cases send_all() {
    Cases cases;
    while (auto request = dialogue_.next(now_)) {
      cases.push_back(request->message_case());
      last_ = *request;
    }
    return cases;
  }
  void welcome(std::int64_t report_seconds, const std::string& relay_key = "key") {
    v1::AttachResponse response;
    response.mutable_welcome()->mutable_report_interval()->set_seconds(report_seconds);
    response.mutable_welcome()->set_relay_key(relay_key);
    dialogue_.take(response);
  }

  Outbox outbox_;
  AttachDialogue dialogue_{
      {.identity = {.instance_id = "m1", .incarnation = "i1"}, .version = "1", .route = {}},
      outbox_,
      [] {
        InstanceStatus status;
        status.ready = true;
        status.players = 7;
        status.oldest_stream_age = Duration{90'500};
        return status;
      }};
  SteadyTime now_{Duration{1'000'000}};
  v1::AttachRequest last_;
};

TEST_F(AttachDialogueTest, SaysHelloThenWhatItHoldsThenReports) {
  hold("a");
  report("a", SessionReport::kStarted);
  EXPECT_EQ(send_all(), (Cases{Case::kHello, Case::kHeld, Case::kReport, Case::kEvent}));
}

TEST_F(AttachDialogueTest, AnEmptyInstanceSaysSo) {
  EXPECT_EQ(dialogue_.next(now_)->hello().incarnation(), "i1");
  const auto held = dialogue_.next(now_);
  EXPECT_TRUE(held->held().last());
  EXPECT_EQ(held->held().sessions_size(), 0);
  const auto report = dialogue_.next(now_);
  const v1::Load& load = report->report().load();
  EXPECT_EQ(load.players(), 7);
  EXPECT_EQ(wire::from_proto(load.oldest_stream_age()), Duration{90'500});
}

TEST_F(AttachDialogueTest, ManyHeldSessionsTakeSeveralMessages) {
  for (int i = 0; i < 2'000; ++i) hold("s" + std::to_string(i));
  dialogue_.next(now_);
  int sessions = 0;
  for (const bool last : {false, false, true}) {
    const auto held = dialogue_.next(now_);
    sessions += held->held().sessions_size();
    EXPECT_EQ(held->held().last(), last);
  }
  EXPECT_EQ(sessions, 2'000);
}

TEST_F(AttachDialogueTest, KeepsTheRelayKeyOfTheWelcomeUntilTheNext) {
  EXPECT_EQ(dialogue_.relay_key(), "");
  welcome(3);
  dialogue_.restart();
  EXPECT_EQ(dialogue_.relay_key(), "key");
  welcome(3, "of a new control");
  EXPECT_EQ(dialogue_.relay_key(), "of a new control");
}

TEST_F(AttachDialogueTest, ReportsAtTheIntervalOfTheWelcome) {
  send_all();
  welcome(3);
  now_ += Duration{1'999};
  EXPECT_EQ(send_all(), Cases{});
  now_ += Duration{1};
  EXPECT_EQ(send_all(), Cases{Case::kReport});
  now_ += Duration{2'999};
  EXPECT_EQ(send_all(), Cases{});
  now_ += Duration{1};
  EXPECT_EQ(send_all(), Cases{Case::kReport});
}

TEST_F(AttachDialogueTest, TouchesComeTwiceASecondUnlessFull) {
  send_all();
  for (int i = 0; i < 1'500; ++i) hold("s" + std::to_string(i));
  outbox_.touch({"s0", 1});
  EXPECT_EQ(send_all(), Cases{Case::kTouches});
  outbox_.touch({"s1", 1});
  EXPECT_EQ(send_all(), Cases{});
  for (int i = 0; i < 1'500; ++i) outbox_.touch({"s" + std::to_string(i), 1});
  EXPECT_EQ(send_all(), Cases{Case::kTouches});
  EXPECT_EQ(last_.touches().session_ids_size(), 1'000);
  now_ += Duration{500};
  EXPECT_EQ(send_all(), Cases{Case::kTouches});
  EXPECT_EQ(last_.touches().session_ids_size(), 500);
}

TEST_F(AttachDialogueTest, ANewStreamBeginsAnewWithWhatWasNotTaken) {
  hold("a");
  report("a", SessionReport::kStarted);
  report("a", SessionReport::kInterrupted);
  send_all();
  v1::AttachResponse taken;
  taken.mutable_events_taken()->set_sequence(1);
  dialogue_.take(taken);
  welcome(2);
  dialogue_.restart();
  EXPECT_FALSE(dialogue_.welcomed());
  EXPECT_EQ(send_all(), (Cases{Case::kHello, Case::kHeld, Case::kReport, Case::kEvent}));
  EXPECT_EQ(last_.event().sequence(), 2);
  EXPECT_EQ(last_.event().media().video_codec(), "h264");
  EXPECT_EQ(last_.event().media().width(), 1920);
  EXPECT_EQ(last_.event().media().bytes(), 12'000);
  EXPECT_EQ(last_.event().media().duration().seconds(), 1);
  EXPECT_EQ(last_.event().media().duration().nanos(), 500'000'000);
}

TEST_F(AttachDialogueTest, WhatIsHeldSaysWhatItsMediaWasSaidToBe) {
  Session publisher;
  publisher.session_id = "a";
  publisher.epoch = 1;
  publisher.kind = SessionKind::kPublish;
  outbox_.hold(publisher, {});
  dialogue_.next(now_);
  EXPECT_FALSE(dialogue_.next(now_)->held().sessions(0).has_media());
  report("a", SessionReport::kStarted);
  dialogue_.restart();
  dialogue_.next(now_);
  EXPECT_EQ(dialogue_.next(now_)->held().sessions(0).media().width(), 1920);
}

TEST_F(AttachDialogueTest, AnOrderToEndASessionNamesIt) {
  hold("a");
  v1::AttachResponse response;
  response.mutable_end_session()->set_session_id("a");
  response.mutable_end_session()->set_epoch(1);
  response.mutable_end_session()->set_reason(v1::END_REASON_KICKED);
  const auto order = dialogue_.take(response);
  ASSERT_TRUE(order);
  EXPECT_EQ(std::get<EndOrder>(*order).session_id, "a");
  EXPECT_EQ(std::get<EndOrder>(*order).reason, "kicked");
  EXPECT_FALSE(outbox_.holds({"a", 1}));
}

TEST_F(AttachDialogueTest, OrdersAboutTheInstanceArriveAsTheyAre) {
  v1::AttachResponse drain;
  drain.mutable_drain()->set_drain_generation(3);
  drain.mutable_drain()->mutable_grace_period()->set_seconds(10);
  drain.mutable_drain()->set_cause(v1::SHUTDOWN_CAUSE_OPERATOR);
  const auto grant = std::get<ShutdownGrant>(dialogue_.take(drain).value());
  EXPECT_EQ(grant.generation, 3);
  EXPECT_EQ(grant.grace, Duration{10'000});
  EXPECT_EQ(grant.deadline, std::chrono::hours{24 * 365}) << "it names none";
  EXPECT_EQ(grant.cause, "operator");

  v1::AttachResponse cancelled;
  cancelled.mutable_drain_cancelled()->set_drain_generation(3);
  EXPECT_EQ(std::get<DrainCancelled>(dialogue_.take(cancelled).value()).generation, 3);

  v1::AttachResponse move;
  move.mutable_move_stream()->set_session_id("a");
  move.mutable_move_stream()->set_epoch(2);
  move.mutable_move_stream()->mutable_target()->set_rtmp_url("rtmp://other:1935");
  const auto order = std::get<MoveOrder>(dialogue_.take(move).value());
  EXPECT_EQ(order.session_id, "a");
  EXPECT_EQ(order.epoch, 2);
  EXPECT_EQ(order.target.rtmp_url, "rtmp://other:1935");

  v1::AttachResponse cordon;
  cordon.mutable_cordon()->set_on(true);
  EXPECT_TRUE(std::get<CordonOrder>(dialogue_.take(cordon).value()).on);
  EXPECT_FALSE(dialogue_.take(v1::AttachResponse{}));
}

TEST_F(AttachDialogueTest, EndsWithOneMoreReport) {
  send_all();
  dialogue_.conclude();
  EXPECT_FALSE(dialogue_.concluded());
  EXPECT_EQ(send_all(), Cases{Case::kReport});
  EXPECT_TRUE(dialogue_.concluded());
  dialogue_.conclude();
  now_ += Duration{60'000};
  EXPECT_EQ(send_all(), Cases{});
}

}  // namespace
}  // namespace weir::media::control_link
