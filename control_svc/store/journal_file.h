// The file behind the embedded store: held against a second process, of a known schema, read at
// the start and copied while it is in use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/result.h"
#include "control_svc/store/sqlite_database.h"

namespace weir::control::store {

enum class JournalFault : std::uint8_t {
  kInUse,
  kCannotOpen,
  kReadOnly,
  kDamaged,
  kNotOurs,
  kLaterSchema,
  kFull,
};

// Why a file cannot be used; `text` names the file and what to do.
struct JournalFailure {
  JournalFault fault{};
  std::string text;
};

JournalFailure failure_of(const std::string& path, const SqliteError& error);

// An exclusive lock beside the file, held as long as this lives and the process does.
class JournalLock {
 public:
  static Result<JournalLock, JournalFailure> take(const std::string& path);

  JournalLock(JournalLock&& other) noexcept;
  JournalLock& operator=(JournalLock&&) = delete;
  ~JournalLock();

 private:
  explicit JournalLock(int file) : file_(file) {}
  int file_;
};

// An open journal of the present schema, ready to be read and written.
struct JournalFile {
  JournalLock lock;
  SqliteDatabase database;
};
Result<JournalFile, JournalFailure> open_journal(const std::string& path);

// A consistent copy of a journal, also while a process writes to it.
Result<void, JournalFailure> back_up_journal(const std::string& path, const std::string& copy);
// Puts a copy in the place of a journal that no process uses, after looking whether it is whole.
Result<void, JournalFailure> restore_journal(const std::string& copy, const std::string& path);

}  // namespace weir::control::store
