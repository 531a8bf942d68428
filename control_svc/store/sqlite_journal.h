// The journal behind the embedded store: one writer thread, as many changes a transaction as have
// come in since the last one began.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "control_svc/store/event_history.h"
#include "control_svc/store/journal.h"
#include "control_svc/store/journal_file.h"
#include "control_svc/store/wal_checkpointer.h"

namespace weir::control::store {

// What an operator sees of the journal; called on the writer thread.
struct JournalObserver {
  // Changes that were committed together, and how long that took.
  std::function<void(std::size_t changes, std::chrono::nanoseconds took)> committed =
      [](std::size_t, std::chrono::nanoseconds) {};
  // The file takes nothing (with the reason), or takes changes again (empty).
  std::function<void(const std::string& failure)> availability = [](const std::string&) {};
};

// Owned by the embedded store. Replies and events come on the writer thread, after their commit.
// When a transaction fails its callers hear kUnavailable and no change is taken; but it is kept,
// because memory has it, and tried again until the file takes it.
class SqliteJournal final : public Journal {
 public:
  // The greatest transaction, so that its callers do not wait for the whole of a burst.
  static constexpr std::size_t kMaxBatch = 2'000;
  static constexpr Duration kTryAgain = std::chrono::milliseconds{500};

  // `first_event` is the number of the next event.
  SqliteJournal(JournalFile file, std::string path, const Clock& clock, EventSink events,
                EventHistory::Sequence first_event, JournalObserver observer);
  ~SqliteJournal() override;

  // Writes what is left, with everything that the replies to it bring, and ends the thread. What
  // the file does not take now is lost; its callers know.
  void finish();

  bool accepts() const override { return accepts_.load(std::memory_order_relaxed); }
  void user_changed(const domain::UserRecord& record, std::vector<domain::Event> events,
                    Reply<Done> reply) override;
  void claim_changed(const domain::StreamClaim& claim, bool removed, Reply<Done> reply) override;
  void fleet_changed(const domain::FleetRecord& fleet, std::vector<domain::Event> events,
                     Reply<Done> reply) override;

 private:
  enum class Table : std::uint8_t { kUsers, kClaims, kFleet };
  struct Change {
    Table table;
    std::string key;
    // Empty: removed.
    std::string record;
    std::vector<domain::Event> events;
    Reply<Done> reply;
  };
  struct Statements;

  void append(Change change);
  void write_changes(const std::stop_token& stop);
  // Moves what has arrived to the batch; false: there is nothing and there will be nothing.
  bool collect(std::vector<Change>& batch, const std::stop_token& stop);
  bool commit(const std::vector<Change>& batch);
  static void refuse(std::vector<Change>& batch);
  void write(const Change& change, EventHistory::Sequence& sequence);
  void tell(std::vector<Change> batch);
  void set_available(const std::string& failure);

  JournalFile file_;
  const std::string path_;
  const Clock& clock_;
  const EventSink events_;
  const JournalObserver observer_;
  std::unique_ptr<Statements> statements_;
  WalCheckpointer checkpointer_;
  EventHistory::Sequence next_event_;

  std::atomic<bool> accepts_{true};
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<Change> queue_;
  std::jthread writer_;
};

}  // namespace weir::control::store
