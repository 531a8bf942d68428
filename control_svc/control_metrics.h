// The metrics of weir-control, each declared here and nowhere else.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/metrics/registry.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/settings.h"
#include "control_svc/rpc/instance_lines.h"
#include "control_svc/rpc/session_observer.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/fleet_operations.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/timed_store.h"

namespace weir::control {

// Owned by main, outlives whatever reports to it. Any thread.
class ControlMetrics final : public rpc::SessionObserver {
 public:
  // An admission that is granted is one of these: admitted, resumed, repeated, beyond the limit.
  static constexpr std::size_t kAdmittedResults = 4;

  explicit ControlMetrics(metrics::Registry& registry);

  // weir_sessions: counted from the records whenever metrics are read, because idleness is only
  // seen by looking. The store outlives the AdminServer.
  void watch_sessions(metrics::Registry& registry, store::RecordStore& store,
                      const domain::Settings& settings, const Clock& clock);

  // weir_instances and what each of them says of itself, in the same way.
  void watch_instances(metrics::Registry& registry, store::FleetOperations& fleet,
                       const rpc::InstanceLines& lines, const Clock& clock);

  // weir_shutdown_starved.
  void watch_shutdowns(metrics::Registry& registry, store::FleetOperations& fleet,
                       const Clock& clock);

  // weir_event_backlog: what a watcher can still resume from.
  void watch_events(metrics::Registry& registry, const store::EventHistory& history);
  // weir_recovery_active: whether the hold after a restart still lasts.
  void watch_recovery(metrics::Registry& registry, SteadyTime hold_until, const Clock& clock);

  // For the store of that backend; this outlives what is returned.
  store::OperationObserver store_observer(std::string_view backend);
  // Changes that the journal wrote together.
  void on_commit(std::size_t changes, std::chrono::nanoseconds took);
  void on_store_availability(bool available);

  // Committed events.
  void on_events(std::span<const domain::Event> events);

  void on_admission(domain::SessionKind kind,
                    const domain::Outcome<domain::AdmitAnswer>& outcome) override;
  void on_touches(rpc::TouchResult result, std::size_t count) override;
  void on_stale_write(rpc::StaleWrite what) override;
  void on_shutdown_request(domain::ShutdownCause cause,
                           const domain::Outcome<domain::ShutdownAnswer>& outcome) override;
  // Of a connection that another one followed.
  void on_end_notice(const domain::EndNotice& notice);

 private:
  void on_session_event(const domain::SessionEvent& event);
  void on_instance_event(const domain::InstanceEvent& event);
  // No event tells of an instance that is not listed any more.
  void forget_all_but(const domain::FleetRecord& fleet);
  // What became of a publisher, if its instance drains.
  void count_drained(std::string_view instance_id, std::string_view outcome);

  metrics::Counters<3> admissions_;
  metrics::Counters<2> ends_;
  metrics::Counters<1> events_;
  metrics::Counters<1> touches_;
  metrics::Counters<1> takeovers_;
  metrics::Counters<1> stale_writes_;
  metrics::Counters<3> shutdown_requests_;
  metrics::Counters<1> drained_streams_;
  metrics::Histograms<1> drain_seconds_;
  std::mutex draining_mutex_;
  std::set<std::string, std::less<>> draining_;
  // Of admissions that succeed, which are most: looked up once, by kind and result.
  // By kind, and by how it went.
  std::array<std::array<prometheus::Counter*, kAdmittedResults>,
             static_cast<std::size_t>(domain::SessionKind::kPlay) + 1>
      admitted_{};
  // Looked up once, too: by the event's type, and by how a touch went.
  std::array<prometheus::Counter*, static_cast<std::size_t>(domain::EventType::kFailed) + 1>
      session_events_{};
  std::array<prometheus::Counter*, static_cast<std::size_t>(rpc::TouchResult::kRefused) + 1>
      touched_{};
  prometheus::Histogram& durations_;
  prometheus::Histogram& expiry_lag_;
  metrics::Histograms<2> store_seconds_;
  prometheus::Histogram& commit_batch_;
  prometheus::Counter& store_errors_;
  prometheus::Gauge& store_up_;
};

}  // namespace weir::control
