#include "control_svc/store/wal_checkpointer.h"

namespace weir::control::store {
namespace {

// The writer adds to the log meanwhile, so that one round leaves something for the next. A reader
// (a backup) can keep the rest from being moved.
constexpr int kRounds = 4;

// sqlite.org/c3ref/wal_hook.html: it takes the place of SQLite's own checkpoint in the commit.
int note_pages(void* pages, sqlite3* /*database*/, const char* /*name*/, int in_log) {
  *static_cast<int*>(pages) = in_log;
  return SQLITE_OK;
}

}  // namespace

WalCheckpointer::WalCheckpointer(const std::string& path, SqliteDatabase& writer,
                                 CheckpointPace pace)
    : pace_(pace), writer_(writer), own_(path, SqliteDatabase::Mode::kReadWrite) {
  // The log may begin anew once the file is on disk.
  own_.run("PRAGMA synchronous = FULL");
  sqlite3_wal_hook(writer_.handle(), &note_pages, &pages_);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

WalCheckpointer::~WalCheckpointer() {
  thread_.request_stop();
  thread_.join();
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
}

void WalCheckpointer::after_commit() {
  const bool nearly_done = nearly_done_.exchange(false);
  if (pages_ < pace_.begin) return;
  if (nearly_done) {
    sqlite3_wal_checkpoint_v2(writer_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
    return;
  }
  const std::scoped_lock lock(mutex_);
  if (working_) return;
  working_ = true;
  asked_.notify_one();
}

void WalCheckpointer::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (asked_.wait(lock, stop, [this] { return working_; })) {
    lock.unlock();
    for (int round = 0; round < kRounds && move_pages() > pace_.little; ++round) {
    }
    nearly_done_ = true;
    lock.lock();
    working_ = false;
  }
}

int WalCheckpointer::move_pages() {
  int in_log = 0;
  int moved = 0;
  sqlite3_wal_checkpoint_v2(own_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  return in_log - moved;
}

}  // namespace weir::control::store
