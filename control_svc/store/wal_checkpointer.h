// Moves SQLite's write-ahead log into the database file beside the writer, so that no commit waits
// for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "control_svc/store/sqlite_database.h"

namespace weir::control::store {

// In pages of the log.
struct CheckpointPace {
  // What is written again and again goes to the file once in 64 MiB of log.
  int begin = 16'000;
  // The log begins anew only when all of it is moved and nobody writes; so much of it the writer
  // moves itself.
  int little = 500;
};

// Owned by the journal, which calls it on its writer thread; has a thread and a connection of its
// own. What fails here is tried again as the log grows: the log holds every commit until then.
class WalCheckpointer {
 public:
  // `writer` is the connection that commits; it outlives this. Throws SqliteError.
  WalCheckpointer(const std::string& path, SqliteDatabase& writer, CheckpointPace pace = {});
  ~WalCheckpointer();
  WalCheckpointer(const WalCheckpointer&) = delete;
  WalCheckpointer& operator=(const WalCheckpointer&) = delete;

  // On the writer thread, between two transactions.
  void after_commit();
  // Of the log, as the last commit left it. On the writer thread.
  int pages_in_log() const { return pages_; }

 private:
  void run(const std::stop_token& stop);
  // The number of pages that are left to move.
  int move_pages();

  const CheckpointPace pace_;
  SqliteDatabase& writer_;
  SqliteDatabase own_;
  int pages_ = 0;
  std::atomic<bool> nearly_done_{false};

  std::mutex mutex_;
  std::condition_variable_any asked_;
  bool working_ = false;
  std::jthread thread_;
};

}  // namespace weir::control::store
