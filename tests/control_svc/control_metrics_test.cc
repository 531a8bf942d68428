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

TEST_F(ControlMetricsTest, AReleaseIsNoLateExpiry) {
  tell(event(EventType::kReleased, domain::SessionState::kEnded, domain::EndReason::kReleased));
  EXPECT_THAT(registry_.text(), HasSubstr("weir_session_expiry_lag_seconds_count 0"));
}

TEST_F(ControlMetricsTest, CountsAdmissionsByResultAndReason) {
  domain::AdmitAnswer resumed;
  resumed.resumed = true;
  metrics_.on_admission(domain::SessionKind::kPlay, domain::AdmitAnswer());
  metrics_.on_admission(domain::SessionKind::kPlay, resumed);
  metrics_.on_admission(domain::SessionKind::kPublish,
                        domain::refuse(domain::RefusalReason::kUserBlocked, "kicked"));
  const std::string text = registry_.text();
  const std::string name = "weir_session_admissions_total";
  EXPECT_THAT(text, HasSubstr(name + "{kind=\"play\",reason=\"\",result=\"admitted\"} 1"));
  EXPECT_THAT(text, HasSubstr(name + "{kind=\"play\",reason=\"\",result=\"resumed\"} 1"));
  EXPECT_THAT(text,
              HasSubstr(name + "{kind=\"publish\",reason=\"USER_BLOCKED\",result=\"refused\"} 1"));
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
