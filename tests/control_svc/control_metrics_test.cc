#include "control_svc/control_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "control_svc/store/memory_store.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;
using domain::EventType;
using testing::HasSubstr;
using testing::Not;

class ControlMetricsTest : public testing::Test {
 protected:
  domain::SessionEvent event(EventType type, domain::SessionState state,
                             domain::EndReason reason = domain::EndReason::kNone) {
    domain::SessionEvent made;
    made.type = type;
    made.session.kind = domain::SessionKind::kPublish;
    made.session.state = state;
    made.session.end_reason = reason;
    made.session.created = clock_.now().wall - 60s;
    made.session.ended = clock_.now().wall - 20ms;
    made.time = clock_.now().wall;
    return made;
  }

  void tell(const domain::Event& event) { metrics_.on_events(std::span(&event, 1)); }

  FakeClock clock_;
  metrics::Registry registry_;
  ControlMetrics metrics_{registry_};
};

// An increase from a first value of 1 is none to Prometheus.
TEST_F(ControlMetricsTest, WhatAlertsAskTheIncreaseOfBeginsAtZero) {
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_drain_streams_total{outcome=\"cut\"} 0"));
  EXPECT_THAT(text, HasSubstr("weir_events_published_total{type=\"weir.instance.unreachable\"} 0"));
}

TEST_F(ControlMetricsTest, CountsEventsAndEnds) {
  tell(event(EventType::kAdmitted, domain::SessionState::kPending));
  tell(event(EventType::kExpired, domain::SessionState::kEnded, domain::EndReason::kStartTimeout));
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_events_published_total{type=\"weir.session.admitted\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("weir_session_ends_total{kind=\"publish\",reason=\"start_timeout\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_session_duration_seconds_count 1"));
  EXPECT_THAT(text, HasSubstr("weir_session_expiry_lag_seconds_sum 0.02"));
}

TEST_F(ControlMetricsTest, NoExpiryIsEarlyWhateverTheWallClockDid) {
  auto expired =
      event(EventType::kExpired, domain::SessionState::kEnded, domain::EndReason::kExpired);
  expired.session.created = clock_.now().wall + 1h;
  expired.session.ended = expired.session.created;
  tell(expired);
  EXPECT_THAT(registry_.text(), HasSubstr("weir_session_expiry_lag_seconds_sum 0\n"));
}

TEST_F(ControlMetricsTest, AReleaseIsNoLateExpiry) {
  tell(event(EventType::kReleased, domain::SessionState::kEnded, domain::EndReason::kReleased));
  EXPECT_THAT(registry_.text(), HasSubstr("weir_session_expiry_lag_seconds_count 0"));
}

TEST_F(ControlMetricsTest, CountsAdmissionsByResultAndReason) {
  domain::AdmitAnswer resumed;
  resumed.resumed = true;
  metrics_.on_admission(domain::SessionKind::kPlay, domain::AdmitAnswer());
  metrics_.on_admission(domain::SessionKind::kPlay, resumed);
  resumed.beyond_limit = true;
  metrics_.on_admission(domain::SessionKind::kPlay, resumed);
  metrics_.on_admission(domain::SessionKind::kPublish,
                        domain::refuse(domain::RefusalReason::kUserBlocked, "kicked"));
  const std::string text = registry_.text();
  const std::string name = "weir_session_admissions_total";
  EXPECT_THAT(text, HasSubstr(name + "{kind=\"play\",reason=\"\",result=\"admitted\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "{kind=\"play\",reason=\"\",result=\"resumed\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "{kind=\"play\",reason=\"\",result=\"beyond_limit\"} 1"));
  EXPECT_THAT(text,
              HasSubstr(name + "{kind=\"publish\",reason=\"USER_BLOCKED\",result=\"refused\"} 1"));
}

TEST_F(ControlMetricsTest, CountsTakeoversAndStaleWrites) {
  tell(event(EventType::kReplaced, domain::SessionState::kEnded, domain::EndReason::kReplaced));
  metrics_.on_admission(domain::SessionKind::kPublish,
                        domain::refuse(domain::RefusalReason::kStreamAlreadyPublished, ""));
  metrics_.on_admission(domain::SessionKind::kPublish,
                        domain::refuse(domain::RefusalReason::kStaleIncarnation, ""));
  metrics_.on_stale_write(rpc::StaleWrite::kSessionEvent);
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_stream_takeovers_total{result=\"taken\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_stream_takeovers_total{result=\"refused\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_stale_writes_rejected_total{kind=\"admission\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_stale_writes_rejected_total{kind=\"session_event\"} 1"));
}

TEST_F(ControlMetricsTest, ShowsTheStore) {
  metrics_.on_store_availability(true);
  metrics_.on_commit(3, 2ms);
  EXPECT_THAT(registry_.text(), HasSubstr("weir_store_up 1"));
  metrics_.on_store_availability(false);
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_store_up 0"));
  EXPECT_THAT(text, HasSubstr("weir_store_errors_total 1"));
  EXPECT_THAT(text, HasSubstr("weir_store_commit_batch_size_sum 3"));
  EXPECT_THAT(
      text,
      HasSubstr("weir_store_operation_seconds_sum{backend=\"embedded\",op=\"transaction\"} 0.002"));
}

TEST_F(ControlMetricsTest, CountsTheStoresOperations) {
  store::MemoryStore memory([](const std::vector<domain::Event>&) {});
  store::TimedStore store(memory, metrics_.store_observer("memory"));
  store.commit_user({}, [](const auto&) {});
  store.commit_claim({}, [](const auto&) {});
  store.renew({}, 0, clock_.now().steady, [](const auto&) {});
  store.due(clock_.now().steady, 1, [](const auto&) {});
  store.visit_users(0, [](const auto&) {}, [](const auto&) {});
  const std::string text = registry_.text();
  const std::string count = "weir_store_operation_seconds_count{backend=\"memory\",op=";
  EXPECT_THAT(text, HasSubstr(count + "\"commit\"} 2"));
  EXPECT_THAT(text, HasSubstr(count + "\"renew\"} 1"));
  EXPECT_THAT(text, HasSubstr(count + "\"due\"} 1"));
  EXPECT_THAT(text, HasSubstr(count + "\"visit\"} 1"));
}

TEST_F(ControlMetricsTest, ShowsInstancesEventsAndRecovery) {
  store::EventHistory history("test");
  store::MemoryStore store(
      [&history](std::vector<domain::Event> events) { history.append(std::move(events)); });
  store::SessionOperations sessions(store, {}, [](const domain::EndNotice&) {});
  rpc::InstanceLines lines;
  store::FleetOperations fleet(
      store, sessions, {}, clock_.now().steady,
      {.lost = [&lines](const domain::LostIncarnation& lost) { lines.drop(lost); },
       .ordered = [](const domain::InstanceRecord&) {}});
  const auto watch = [&] {
    fleet.watch(lines.sightings(fleet.settings(), clock_.now().steady), clock_.now(), [] {});
  };
  metrics_.watch_instances(registry_, fleet, lines, clock_);
  metrics_.watch_events(registry_, history);
  metrics_.watch_recovery(registry_, clock_.now().steady + 30s, clock_);
  domain::InstanceHello hello;
  hello.instance_id = "media-1";
  hello.incarnation = "first";
  lines.attach(hello, nullptr, 2s, clock_.now().steady);
  fleet.take_in(hello, clock_.now(), [](const auto&) {});
  domain::InstanceSighting report;
  report.instance_id = "media-1";
  report.incarnation = "first";
  report.heard = clock_.now().steady;
  report.ready = true;
  report.load = {.publishers = 2, .max_publishers = 10};
  lines.reported(report);
  clock_.advance(1s);
  watch();
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_instances{state=\"active\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_instances{state=\"lost\"} 0"));
  EXPECT_THAT(text, HasSubstr("weir_instance_streams{instance=\"media-1\"} 2"));
  EXPECT_THAT(text, HasSubstr("weir_instance_capacity_streams{instance=\"media-1\"} 10"));
  EXPECT_THAT(text, HasSubstr("weir_instance_report_age_seconds{instance=\"media-1\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_event_backlog 2"));
  EXPECT_THAT(text, HasSubstr("weir_recovery_active 1"));
  clock_.advance(29s);
  EXPECT_THAT(registry_.text(), HasSubstr("weir_recovery_active 0"));

  for (const char* state : {"unreachable", "lost"}) {
    watch();
    EXPECT_THAT(registry_.text(),
                HasSubstr("weir_instances{state=\"" + std::string(state) + "\"} 1"));
  }
  clock_.advance(10min);
  watch();
  EXPECT_THAT(registry_.text(), Not(HasSubstr("media-1"))) << "its series go with it";
}

TEST_F(ControlMetricsTest, CountsShutdownsByTheirAnswer) {
  metrics_.on_shutdown_request(domain::ShutdownCause::kSigterm,
                               domain::ShutdownAnswer(domain::Drain()));
  metrics_.on_shutdown_request(
      domain::ShutdownCause::kLifetime,
      domain::ShutdownAnswer(domain::ShutdownDenial{.reason = domain::DenialReason::kMinReady}));
  metrics_.on_shutdown_request(domain::ShutdownCause::kOperator,
                               domain::refuse(domain::RefusalReason::kInstanceNotFound, ""));
  const std::string text = registry_.text();
  const std::string name = "weir_shutdown_requests_total";
  EXPECT_THAT(text, HasSubstr(name + "{cause=\"sigterm\",decision=\"granted\",reason=\"\"} 1"));
  EXPECT_THAT(text,
              HasSubstr(name + "{cause=\"lifetime\",decision=\"denied\",reason=\"min_ready\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "{cause=\"operator\",decision=\"refused\",reason="
                                     "\"INSTANCE_NOT_FOUND\"} 1"));
}

TEST_F(ControlMetricsTest, CountsWhatBecomesOfADrainingInstancesPublishers) {
  domain::InstanceRecord instance;
  instance.instance_id = "media-1";
  instance.drain.emplace();
  const auto tell_of = [this](const domain::InstanceRecord& record, auto type, auto drain_end) {
    metrics_.on_events(std::vector<domain::Event>{
        domain::InstanceEvent{.type = type,
                              .instance = std::make_shared<const domain::InstanceRecord>(record),
                              .time = clock_.now().wall,
                              .drain_end = drain_end}});
  };
  const domain::EndNotice moved{.instance_id = domain::Text("media-1"),
                                .session = {},
                                .epoch = 1,
                                .reason = domain::EndReason::kMoved,
                                .message = {}};
  metrics_.on_end_notice(moved);
  tell_of(instance, domain::InstanceEventType::kGrace, std::nullopt);
  metrics_.on_end_notice(moved);
  const domain::DrainEnd end{.outcome = domain::DrainOutcome::kEmptied, .lasted = 7s};
  tell_of(instance, domain::InstanceEventType::kStopped, std::optional(end));
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_drain_streams_total{outcome=\"moved\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_drain_duration_seconds_sum{outcome=\"emptied\"} 7"));

  // Once it is not listed any more, nothing is known of its drain.
  store::MemoryStore store([](const std::vector<domain::Event>&) {});
  store::SessionOperations sessions(store, {}, [](const domain::EndNotice&) {});
  store::FleetOperations fleet(store, sessions, {}, clock_.now().steady,
                               {.lost = [](const domain::LostIncarnation&) {},
                                .ordered = [](const domain::InstanceRecord&) {}});
  const rpc::InstanceLines lines;
  metrics_.watch_instances(registry_, fleet, lines, clock_);
  (void)registry_.text();
  metrics_.on_end_notice(moved);
  EXPECT_THAT(registry_.text(), HasSubstr("weir_drain_streams_total{outcome=\"moved\"} 1"));
}

TEST_F(ControlMetricsTest, CountsTouchesByResult) {
  metrics_.on_touches(rpc::TouchResult::kRenewed, 997);
  metrics_.on_touches(rpc::TouchResult::kEnded, 3);
  metrics_.on_touches(rpc::TouchResult::kNotFound, 0);
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_session_touches_total{result=\"renewed\"} 997"));
  EXPECT_THAT(text, HasSubstr("weir_session_touches_total{result=\"ended\"} 3"));
}

TEST_F(ControlMetricsTest, SessionsAreCountedByWhatAReaderSees) {
  store::MemoryStore store([](const std::vector<domain::Event>&) {});
  const domain::Settings settings;
  domain::UserRecord record;
  record.user_id = domain::Text("alice");
  for (int i = 0; i < 2; ++i) {
    domain::Session session;
    session.id = domain::SessionId(domain::bucket_of("alice"), 1, static_cast<std::uint64_t>(i));
    session.state = domain::SessionState::kActive;
    session.lease.last_touch = clock_.now().steady - i * settings.phase;
    session.lease.deadline = clock_.now().steady + 60s;
    record.sessions.push_back(session);
  }
  store.commit_user({.record = record, .expected = 0, .events = {}}, [](const auto&) {});
  metrics_.watch_sessions(registry_, store, settings, clock_);
  const std::string text = registry_.text();
  EXPECT_THAT(text, HasSubstr("weir_sessions{kind=\"play\",state=\"active\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_sessions{kind=\"play\",state=\"idle\"} 1"));
  EXPECT_THAT(text, HasSubstr("weir_sessions{kind=\"publish\",state=\"pending\"} 0"));
}

}  // namespace
}  // namespace weir::control
