// The store that the configuration asks for.
#pragma once

#include <memory>

#include "common/clock.h"
#include "control_svc/control_config.h"
#include "control_svc/control_metrics.h"
#include "control_svc/store/embedded_store.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/record_store.h"
#include "control_svc/store/timed_store.h"

namespace weir::control {

// Owned by main, outlives whatever operates on its records. `memory` or `embedded` is set, and
// `timed` in front of it.
struct OpenStore {
  std::unique_ptr<store::TimedStore> timed;
  std::unique_ptr<store::MemoryStore> memory;
  std::unique_ptr<store::EmbeddedStore> embedded;

  store::RecordStore& records() const { return *timed; }
  // Nothing expires before.
  SteadyTime hold_until() const;
};

// Declared after all that the store's replies speak to, so that it ends before: its end waits for
// the last of them.
class LastReplies {
 public:
  explicit LastReplies(OpenStore& store) : store_(store) {}
  LastReplies(const LastReplies&) = delete;
  LastReplies& operator=(const LastReplies&) = delete;
  ~LastReplies() {
    if (store_.embedded) store_.embedded->finish();
  }

 private:
  OpenStore& store_;
};

// Events go to the history, the log and the metrics. Throws std::runtime_error with one line for
// the operator when the file cannot be used.
OpenStore open_store(const ControlConfig& config, const Clock& clock, store::EventHistory& history,
                     ControlMetrics& metrics);

}  // namespace weir::control
