// The default store: memory is the truth, a SQLite file its journal.
#pragma once

#include <memory>
#include <string>

#include "common/clock.h"
#include "common/result.h"
#include "control_svc/domain/settings.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/journal_file.h"
#include "control_svc/store/memory_store.h"
#include "control_svc/store/sqlite_journal.h"

namespace weir::control::store {

// Owned by main; outlives whatever operates on its records.
class EmbeddedStore {
 public:
  struct Options {
    std::string path;
    domain::Settings settings;
    const Clock& clock;
    // Told after the history.
    EventSink events;
    JournalObserver observer;
  };

  // Reads the whole journal: every deadline begins anew, and nothing expires for the recovery
  // hold. The history takes up the events that were kept, and all that follow.
  static Result<std::unique_ptr<EmbeddedStore>, JournalFailure> open(const Options& options,
                                                                     EventHistory& history);

  RecordStore& records() { return memory_; }
  SteadyTime hold_until() const { return hold_until_; }
  // Whether an earlier process left anything, so that there is a hold at all.
  bool recovered() const { return recovered_; }

  // Waits until the journal has written everything and each caller has its reply, also for what
  // the replies bring about. Nobody else may change anything any more. Again does nothing.
  void finish() { journal_.finish(); }

  // Finishes.
  ~EmbeddedStore();
  EmbeddedStore(const EmbeddedStore&) = delete;
  EmbeddedStore& operator=(const EmbeddedStore&) = delete;

 private:
  EmbeddedStore(JournalFile file, const Options& options, EventHistory& history);
  Result<void, JournalFailure> load(const Options& options);

  SqliteJournal journal_;
  MemoryStore memory_;
  bool recovered_ = false;
  SteadyTime hold_until_ = SteadyTime::min();
};

}  // namespace weir::control::store
