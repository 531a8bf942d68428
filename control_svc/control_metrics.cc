#include "control_svc/control_metrics.h"

#include <chrono>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control_svc/names.h"
#include "control_svc/rpc/status_map.h"

namespace weir::control {
namespace {

using domain::SessionKind;
using domain::SessionState;

// Lateness of expiries: the goal is 100 ms.
const metrics::Buckets kLagBuckets = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30};

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string_view result_of(const domain::AdmitAnswer& answer) {
  if (answer.repeated) return "repeated";
  if (answer.resumed) return "resumed";
  return answer.beyond_limit ? "beyond_limit" : "admitted";
}

constexpr SessionKind kKinds[] = {SessionKind::kPublish, SessionKind::kPlay};
constexpr SessionState kLiveStates[] = {SessionState::kPending, SessionState::kActive,
                                        SessionState::kIdle, SessionState::kPaused};

struct Counts {
  std::size_t& of(SessionKind kind, SessionState state) { return by_kind_and_state[{kind, state}]; }
  std::map<std::pair<SessionKind, SessionState>, std::size_t> by_kind_and_state;
};

// Adds up one bucket and waits until that is done.
void count_bucket(store::RecordStore& store, std::size_t bucket, const domain::Settings& settings,
                  SteadyTime now, Counts& counts) {
  std::promise<void> done;
  store.visit_users(
      bucket,
      [&](const domain::UserRecord& record) {
        for (const domain::Session& session : record.sessions) {
          ++counts.of(session.kind, domain::visible_state(session, settings, now));
        }
      },
      [&done](const auto&) { done.set_value(); });
  done.get_future().wait();
}

// Every combination is shown, so that a series never vanishes because it is zero.
std::vector<metrics::Sample> count_sessions(store::RecordStore& store,
                                            const domain::Settings& settings, SteadyTime now) {
  Counts counts;
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    count_bucket(store, bucket, settings, now, counts);
  }
  std::vector<metrics::Sample> samples;
  for (const SessionKind kind : kKinds) {
    for (const SessionState state : kLiveStates) {
      samples.push_back({.label_values = {std::string(name_of(kind)), std::string(name_of(state))},
                         .value = static_cast<double>(counts.of(kind, state))});
    }
  }
  return samples;
}

}  // namespace

ControlMetrics::ControlMetrics(metrics::Registry& registry)
    : admissions_(registry.counters("weir_session_admissions_total",
                                    "Admissions asked for, by how they went.",
                                    {"kind", "result", "reason"})),
      ends_(registry.counters("weir_session_ends_total", "Sessions that ended, by why.",
                              {"kind", "reason"})),
      events_(registry.counters("weir_events_published_total", "Events that were committed.",
                                {"type"})),
      touches_(registry.counters("weir_session_touches_total",
                                 "Renewals asked for, by how they went.", {"result"})),
      durations_(registry.histogram("weir_session_duration_seconds",
                                    "From a session's admission to its end.",
                                    metrics::kDurationBuckets)),
      expiry_lag_(registry.histogram("weir_session_expiry_lag_seconds",
                                     "From a session's deadline to its end in the records.",
                                     kLagBuckets)) {}

void ControlMetrics::watch_sessions(metrics::Registry& registry, store::RecordStore& store,
                                    const domain::Settings& settings, const Clock& clock) {
  registry.gauges_on_scrape(
      "weir_sessions", "Live sessions.", {"kind", "state"},
      [&store, &settings, &clock] { return count_sessions(store, settings, clock.now().steady); });
}

void ControlMetrics::on_events(std::span<const domain::Event> events) {
  for (const domain::Event& event : events) {
    const std::string_view type =
        std::visit([](const auto& each) { return domain::name_of(each.type); }, event);
    events_.with({type}).Increment();
    if (const auto* of_session = std::get_if<domain::SessionEvent>(&event)) {
      on_session_event(*of_session);
    }
  }
}

void ControlMetrics::on_session_event(const domain::SessionEvent& event) {
  const domain::Session& session = event.session;
  if (session.live()) return;
  ends_.with({name_of(session.kind), name_of(session.end_reason)}).Increment();
  durations_.Observe(seconds(session.ended - session.created));
  if (event.type == domain::EventType::kExpired) {
    expiry_lag_.Observe(seconds(event.time - session.ended));
  }
}

void ControlMetrics::on_admission(SessionKind kind,
                                  const domain::Outcome<domain::AdmitAnswer>& outcome) {
  if (outcome) {
    admissions_.with({name_of(kind), result_of(*outcome), ""}).Increment();
    return;
  }
  const std::string_view reason = rpc::reason_name(outcome.error().reason);
  admissions_.with({name_of(kind), "refused", reason}).Increment();
}

void ControlMetrics::on_touches(rpc::TouchResult result, std::size_t count) {
  if (count > 0) touches_.with({name_of(result)}).Increment(static_cast<double>(count));
}

}  // namespace weir::control
