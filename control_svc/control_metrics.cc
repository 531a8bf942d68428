#include "control_svc/control_metrics.h"

#include <chrono>
#include <future>
#include <map>
#include <memory>
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

const metrics::Buckets kDrainBuckets = {1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200};

const metrics::Buckets kBatchBuckets = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000};

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

enum class Admitted : std::uint8_t { kAdmitted, kResumed, kRepeated, kBeyondLimit };
// In the order of the enum.
constexpr std::array<std::string_view, ControlMetrics::kAdmittedResults> kAdmittedNames = {
    "admitted", "resumed", "repeated", "beyond_limit"};

Admitted result_of(const domain::AdmitAnswer& answer) {
  if (answer.repeated) return Admitted::kRepeated;
  // One that is revived is so in spite of having been there before.
  if (answer.beyond_limit) return Admitted::kBeyondLimit;
  return answer.resumed ? Admitted::kResumed : Admitted::kAdmitted;
}

// In the order of store::StoreOperation.
constexpr std::array<std::string_view, 4> kStoreOperations = {"commit", "renew", "due", "visit"};
static_assert(kStoreOperations.size() ==
              static_cast<std::size_t>(store::StoreOperation::kVisit) + 1);

constexpr SessionKind kKinds[] = {SessionKind::kPublish, SessionKind::kPlay};
constexpr domain::InstanceState kInstanceStates[] = {
    domain::InstanceState::kStarting,    domain::InstanceState::kActive,
    domain::InstanceState::kUnreachable, domain::InstanceState::kGrace,
    domain::InstanceState::kDraining,    domain::InstanceState::kStopped,
    domain::InstanceState::kLost};
constexpr std::string_view kDrainedOutcomes[] = {"finished", "moved", "cut"};
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

// The fleet as it is, also where the store answers later.
domain::FleetSnapshot load_fleet(store::FleetOperations& fleet) {
  std::promise<domain::FleetSnapshot> loaded;
  fleet.load([&loaded](const domain::Outcome<domain::FleetSnapshot>& outcome) {
    loaded.set_value(outcome ? *outcome : std::make_shared<const domain::FleetRecord>());
  });
  return loaded.get_future().get();
}

std::vector<metrics::Sample> count_instances(const domain::FleetSnapshot& fleet) {
  std::map<domain::InstanceState, int> counts;
  for (const auto& instance : fleet->instances) ++counts[instance->state];
  std::vector<metrics::Sample> samples;
  for (const domain::InstanceState state : kInstanceStates) {
    samples.push_back({.label_values = {std::string(name_of(state))},
                       .value = static_cast<double>(counts[state])});
  }
  return samples;
}

template <class Value>
std::vector<metrics::Sample> of_each(const domain::FleetSnapshot& fleet, Value value) {
  std::vector<metrics::Sample> samples;
  for (const auto& instance : fleet->instances) {
    samples.push_back({.label_values = {instance->instance_id}, .value = value(*instance)});
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
      takeovers_(registry.counters(
          "weir_stream_takeovers_total",
          "Publishers that wanted a live stream: it was taken, or refused.", {"result"})),
      stale_writes_(registry.counters("weir_stale_writes_rejected_total",
                                      "What older epochs and incarnations said in vain.",
                                      {"kind"})),
      shutdown_requests_(registry.counters("weir_shutdown_requests_total",
                                           "Shutdowns asked for, by how they were answered.",
                                           {"cause", "decision", "reason"})),
      drained_streams_(registry.counters(
          "weir_drain_streams_total",
          "Publishers of draining instances that ended, went elsewhere, or were cut.",
          {"outcome"})),
      drain_seconds_(registry.histograms("weir_drain_duration_seconds",
                                         "How long drains last, by how they end.", {"outcome"},
                                         kDrainBuckets)),
      durations_(registry.histogram("weir_session_duration_seconds",
                                    "From a session's admission to its end.",
                                    metrics::kDurationBuckets)),
      expiry_lag_(registry.histogram("weir_session_expiry_lag_seconds",
                                     "From a session's deadline to its end in the records.",
                                     kLagBuckets)),
      store_seconds_(
          registry.histograms("weir_store_operation_seconds",
                              "How long the store's operations take, of a commit until it is "
                              "durable; a transaction writes several commits.",
                              {"backend", "op"}, metrics::kLatencyBuckets)),
      commit_batch_(registry.histogram("weir_store_commit_batch_size",
                                       "Changes that were committed together.", kBatchBuckets)),
      store_errors_(
          registry.counter("weir_store_errors_total", "Times that the store became unavailable.")),
      store_up_(registry.gauge("weir_store_up", "Whether the store takes changes.")) {
  for (const SessionKind kind : kKinds) {
    for (std::size_t result = 0; result < kAdmittedResults; ++result) {
      admitted_[static_cast<std::size_t>(kind)][result] =
          &admissions_.with({name_of(kind), kAdmittedNames[result], ""});
    }
  }
  for (std::size_t type = 0; type < session_events_.size(); ++type) {
    session_events_[type] = &events_.with({domain::name_of(static_cast<domain::EventType>(type))});
  }
  for (std::size_t result = 0; result < touched_.size(); ++result) {
    touched_[result] = &touches_.with({name_of(static_cast<rpc::TouchResult>(result))});
  }
  // Alerts ask for their increase, which leaves out the value that a series begins with.
  for (const std::string_view outcome : kDrainedOutcomes) drained_streams_.with({outcome});
  events_.with({domain::name_of(domain::InstanceEventType::kUnreachable)});
}

void ControlMetrics::watch_sessions(metrics::Registry& registry, store::RecordStore& store,
                                    const domain::Settings& settings, const Clock& clock) {
  registry.gauges_on_scrape(
      "weir_sessions", "Live sessions.", {"kind", "state"},
      [&store, &settings, &clock] { return count_sessions(store, settings, clock.now().steady); });
}

void ControlMetrics::watch_instances(metrics::Registry& registry, store::FleetOperations& fleet,
                                     const rpc::InstanceLines& lines, const Clock& clock) {
  registry.gauges_on_scrape("weir_instances", "Media instances that are known.", {"state"},
                            [this, &fleet] {
                              const domain::FleetSnapshot snapshot = load_fleet(fleet);
                              forget_all_but(*snapshot);
                              return count_instances(snapshot);
                            });
  registry.gauges_on_scrape("weir_instance_streams", "Streams that an instance serves.",
                            {"instance"}, [&fleet] {
                              return of_each(load_fleet(fleet), [](const auto& instance) {
                                return double(instance.load.publishers) + instance.load.players;
                              });
                            });
  registry.gauges_on_scrape(
      "weir_instance_capacity_streams", "Streams that an instance can serve; 0: no limit is known.",
      {"instance"}, [&fleet] {
        return of_each(load_fleet(fleet), [](const auto& instance) {
          return double(instance.load.max_publishers) + instance.load.max_players;
        });
      });
  registry.gauges_on_scrape("weir_instance_report_age_seconds",
                            "Since an attached instance was last heard.", {"instance"},
                            [&lines, &clock] {
                              std::vector<metrics::Sample> samples;
                              const SteadyTime now = clock.now().steady;
                              for (const domain::InstanceSighting& each : lines.sightings()) {
                                samples.push_back({.label_values = {each.instance_id},
                                                   .value = seconds(now - each.heard)});
                              }
                              return samples;
                            });
}

void ControlMetrics::watch_shutdowns(metrics::Registry& registry, store::FleetOperations& fleet,
                                     const Clock& clock) {
  registry.gauges_on_scrape(
      "weir_shutdown_starved", "Instances whose shutdown has been denied for too long.", {},
      [&fleet, &clock] {
        const std::size_t starved = domain::count_starved(
            *load_fleet(fleet), fleet.settings().shutdown, clock.now().steady);
        return std::vector<metrics::Sample>{
            {.label_values = {}, .value = static_cast<double>(starved)}};
      });
}

void ControlMetrics::watch_events(metrics::Registry& registry, const store::EventHistory& history) {
  registry.gauges_on_scrape("weir_event_backlog", "Events that a watcher can still go on from.", {},
                            [&history] {
                              const auto kept = history.next() - history.oldest();
                              return std::vector<metrics::Sample>{
                                  {.label_values = {}, .value = static_cast<double>(kept)}};
                            });
}

void ControlMetrics::watch_recovery(metrics::Registry& registry, SteadyTime hold_until,
                                    const Clock& clock) {
  registry.gauges_on_scrape(
      "weir_recovery_active", "Whether nothing expires yet because control has just restarted.", {},
      [hold_until, &clock] {
        const bool active = clock.now().steady < hold_until;
        return std::vector<metrics::Sample>{{.label_values = {}, .value = active ? 1.0 : 0.0}};
      });
}

store::OperationObserver ControlMetrics::store_observer(std::string_view backend) {
  std::array<prometheus::Histogram*, kStoreOperations.size()> seconds{};
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    seconds[i] = &store_seconds_.with({backend, kStoreOperations[i]});
  }
  return [seconds](store::StoreOperation operation, std::chrono::nanoseconds took) {
    seconds.at(static_cast<std::size_t>(operation))
        ->Observe(std::chrono::duration<double>(took).count());
  };
}

void ControlMetrics::on_commit(std::size_t changes, std::chrono::nanoseconds took) {
  store_seconds_.with({"embedded", "transaction"})
      .Observe(std::chrono::duration<double>(took).count());
  commit_batch_.Observe(static_cast<double>(changes));
}

void ControlMetrics::on_store_availability(bool available) {
  if (!available) store_errors_.Increment();
  store_up_.Set(available ? 1 : 0);
}

void ControlMetrics::on_events(std::span<const domain::Event> events) {
  for (const domain::Event& event : events) {
    if (const auto* of_session = std::get_if<domain::SessionEvent>(&event)) {
      on_session_event(*of_session);
    } else {
      const auto& of_instance = std::get<domain::InstanceEvent>(event);
      events_.with({domain::name_of(of_instance.type)}).Increment();
      on_instance_event(of_instance);
    }
  }
}

void ControlMetrics::on_instance_event(const domain::InstanceEvent& event) {
  const domain::InstanceRecord& instance = *event.instance;
  if (event.drain_end) {
    drain_seconds_.with({name_of(event.drain_end->outcome)})
        .Observe(seconds(event.drain_end->lasted));
  }
  const std::scoped_lock lock(draining_mutex_);
  // A stopped one's streams are still counted when they end.
  if (instance.drain) {
    draining_.insert(instance.instance_id);
  } else {
    draining_.erase(instance.instance_id);
  }
}

void ControlMetrics::forget_all_but(const domain::FleetRecord& fleet) {
  const std::scoped_lock lock(draining_mutex_);
  std::erase_if(draining_, [&fleet](const std::string& id) { return fleet.find(id) == nullptr; });
}

void ControlMetrics::count_drained(std::string_view instance_id, std::string_view outcome) {
  const std::scoped_lock lock(draining_mutex_);
  if (draining_.contains(instance_id)) drained_streams_.with({outcome}).Increment();
}

void ControlMetrics::on_end_notice(const domain::EndNotice& notice) {
  const bool publisher = notice.epoch > 0;
  if (publisher && notice.reason == domain::EndReason::kMoved) {
    count_drained(notice.instance_id.view(), "moved");
  }
}

void ControlMetrics::on_shutdown_request(domain::ShutdownCause cause,
                                         const domain::Outcome<domain::ShutdownAnswer>& outcome) {
  if (!outcome) {
    const std::string_view reason = rpc::reason_name(outcome.error().reason);
    shutdown_requests_.with({name_of(cause), "refused", reason}).Increment();
    return;
  }
  const auto* denial = std::get_if<domain::ShutdownDenial>(&*outcome);
  shutdown_requests_
      .with({name_of(cause), denial == nullptr ? "granted" : "denied",
             denial == nullptr ? std::string_view() : name_of(denial->reason)})
      .Increment();
}

void ControlMetrics::on_session_event(const domain::SessionEvent& event) {
  session_events_[static_cast<std::size_t>(event.type)]->Increment();
  const domain::Session& session = event.session;
  const bool publisher = session.kind == SessionKind::kPublish;
  const bool cut = event.type == domain::EventType::kInterrupted && session.cut_by_drain;
  if (publisher && cut) count_drained(session.instance_id(), "cut");
  if (session.live()) return;
  const bool cut_before = session.end_reason == domain::EndReason::kDrainDeadline;
  if (publisher && !cut_before) count_drained(session.instance_id(), "finished");
  const bool taken =
      session.kind == SessionKind::kPublish && session.end_reason == domain::EndReason::kReplaced;
  if (taken) takeovers_.with({"taken"}).Increment();
  ends_.with({name_of(session.kind), name_of(session.end_reason)}).Increment();
  durations_.Observe(seconds(session.ended - session.created));
  if (event.type == domain::EventType::kExpired) {
    // Nothing ends before its creation, also where the wall clock was set back since.
    expiry_lag_.Observe(std::max(0.0, seconds(event.time - session.ended)));
  }
}

void ControlMetrics::on_admission(SessionKind kind,
                                  const domain::Outcome<domain::AdmitAnswer>& outcome) {
  if (outcome) {
    const auto result = static_cast<std::size_t>(result_of(*outcome));
    admitted_[static_cast<std::size_t>(kind)][result]->Increment();
    return;
  }
  const domain::RefusalReason why = outcome.error().reason;
  const std::string_view reason = rpc::reason_name(why);
  if (why == domain::RefusalReason::kStreamAlreadyPublished) {
    takeovers_.with({"refused"}).Increment();
  }
  if (why == domain::RefusalReason::kStaleIncarnation) {
    on_stale_write(rpc::StaleWrite::kAdmission);
  }
  admissions_.with({name_of(kind), "refused", reason}).Increment();
}

void ControlMetrics::on_touches(rpc::TouchResult result, std::size_t count) {
  touched_[static_cast<std::size_t>(result)]->Increment(static_cast<double>(count));
}

void ControlMetrics::on_stale_write(rpc::StaleWrite what) {
  stale_writes_.with({name_of(what)}).Increment();
}

}  // namespace weir::control
