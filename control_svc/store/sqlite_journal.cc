#include "control_svc/store/sqlite_journal.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "control_svc/store/record_codec.h"

namespace weir::control::store {

struct SqliteJournal::Statements {
  explicit Statements(SqliteDatabase& db)
      : begin(db.prepare("BEGIN IMMEDIATE")),
        commit(db.prepare("COMMIT")),
        put_user(db.prepare("INSERT OR REPLACE INTO users VALUES(?, ?)")),
        remove_user(db.prepare("DELETE FROM users WHERE user_id = ?")),
        put_claim(db.prepare("INSERT OR REPLACE INTO claims VALUES(?, ?)")),
        remove_claim(db.prepare("DELETE FROM claims WHERE stream_id = ?")),
        put_fleet(db.prepare("INSERT OR REPLACE INTO fleet VALUES(0, ?)")),
        put_event(db.prepare("INSERT INTO events VALUES(?, ?)")),
        forget_events(db.prepare("DELETE FROM events WHERE sequence < ?")) {}

  SqliteStatement begin;
  SqliteStatement commit;
  SqliteStatement put_user;
  SqliteStatement remove_user;
  SqliteStatement put_claim;
  SqliteStatement remove_claim;
  SqliteStatement put_fleet;
  SqliteStatement put_event;
  SqliteStatement forget_events;
};

SqliteJournal::SqliteJournal(JournalFile file, std::string path, const Clock& clock,
                             EventSink events, EventHistory::Sequence first_event,
                             JournalObserver observer)
    : file_(std::move(file)),
      path_(std::move(path)),
      clock_(clock),
      events_(std::move(events)),
      observer_(std::move(observer)),
      statements_(std::make_unique<Statements>(file_.database)),
      checkpointer_(path_, file_.database),
      next_event_(first_event),
      writer_([this](const std::stop_token& stop) { write_changes(stop); }) {}

SqliteJournal::~SqliteJournal() { finish(); }

void SqliteJournal::finish() {
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
  accepts_ = false;
}

void SqliteJournal::user_changed(const domain::UserRecord& record,
                                 std::vector<domain::Event> events, Reply<Done> reply) {
  append({Table::kUsers, record.user_id.str(),
          record.vacant() ? std::string() : encode(record, clock_.now()), std::move(events),
          std::move(reply)});
}

void SqliteJournal::claim_changed(const domain::StreamClaim& claim, bool removed,
                                  Reply<Done> reply) {
  append({Table::kClaims,
          claim.stream_id.str(),
          removed ? std::string() : encode(claim, clock_.now()),
          {},
          std::move(reply)});
}

void SqliteJournal::fleet_changed(const domain::FleetRecord& fleet,
                                  std::vector<domain::Event> events, Reply<Done> reply) {
  append({Table::kFleet, {}, encode(fleet, clock_.now()), std::move(events), std::move(reply)});
}

void SqliteJournal::append(Change change) {
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = queue_.empty();
    queue_.push_back(std::move(change));
  }
  if (first) arrived_.notify_one();
}

void SqliteJournal::write_changes(const std::stop_token& stop) {
  // Committed in memory, not yet on disk.
  std::vector<Change> batch;
  while (collect(batch, stop)) {
    if (commit(batch)) {
      tell(std::exchange(batch, {}));
      checkpointer_.after_commit();
      continue;
    }
    refuse(batch);
    if (stop.stop_requested()) {
      // Each turn answers whoever came in between; in the end nobody does any more.
      batch.clear();
      continue;
    }
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, stop, kTryAgain, [] { return false; });
  }
}

bool SqliteJournal::collect(std::vector<Change>& batch, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (batch.empty()) arrived_.wait(lock, stop, [this] { return !queue_.empty(); });
  // While the file fails everybody is answered at each try.
  const std::size_t room = accepts() ? kMaxBatch : queue_.size();
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(room, queue_.size()));
  std::move(queue_.begin(), end, std::back_inserter(batch));
  queue_.erase(queue_.begin(), end);
  return !batch.empty();
}

void SqliteJournal::refuse(std::vector<Change>& batch) {
  for (Change& change : batch) {
    if (change.reply) std::exchange(change.reply, nullptr)(StoreError::kUnavailable);
  }
}

bool SqliteJournal::commit(const std::vector<Change>& batch) {
  const auto began = std::chrono::steady_clock::now();
  EventHistory::Sequence sequence = next_event_;
  try {
    statements_->begin.run();
    for (const Change& change : batch) write(change, sequence);
    // Now and then: one transaction in many.
    const bool forget = sequence / kMaxBatch != next_event_ / kMaxBatch;
    if (forget && sequence > EventHistory::kDefaultKept) {
      const auto oldest = static_cast<std::int64_t>(sequence - EventHistory::kDefaultKept);
      statements_->forget_events.bind(1, oldest).run();
    }
    statements_->commit.run();
  } catch (const SqliteError& error) {
    sqlite3_exec(file_.database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    set_available(failure_of(path_, error).text);
    return false;
  }
  next_event_ = sequence;
  set_available({});
  observer_.committed(batch.size(), std::chrono::steady_clock::now() - began);
  return true;
}

void SqliteJournal::write(const Change& change, EventHistory::Sequence& sequence) {
  const auto put_or_remove = [&change](SqliteStatement& put, SqliteStatement& remove) {
    if (change.record.empty()) {
      remove.bind(1, change.key).run();
    } else {
      put.bind(1, change.key).bind(2, change.record).run();
    }
  };
  switch (change.table) {
    case Table::kUsers:
      put_or_remove(statements_->put_user, statements_->remove_user);
      break;
    case Table::kClaims:
      put_or_remove(statements_->put_claim, statements_->remove_claim);
      break;
    case Table::kFleet:
      statements_->put_fleet.bind(1, change.record).run();
      break;
  }
  for (const domain::Event& event : change.events) {
    const std::string bytes = encode(event, clock_.now());
    statements_->put_event.bind(1, static_cast<std::int64_t>(sequence++)).bind(2, bytes).run();
  }
}

void SqliteJournal::tell(std::vector<Change> batch) {
  std::vector<domain::Event> events;
  for (Change& change : batch) {
    std::ranges::move(change.events, std::back_inserter(events));
  }
  if (!events.empty()) events_(std::move(events));
  for (const Change& change : batch) {
    if (change.reply) change.reply(Done{});
  }
}

void SqliteJournal::set_available(const std::string& failure) {
  const bool available = failure.empty();
  if (accepts_.exchange(available) != available) observer_.availability(failure);
}

}  // namespace weir::control::store
