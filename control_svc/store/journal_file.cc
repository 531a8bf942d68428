#include "control_svc/store/journal_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace weir::control::store {
namespace {

// "Weir" in the file's header, so that another program's database is not taken for ours.
constexpr std::int64_t kApplicationId = 0x57656972;

// Each brings a file from the schema of its place to the next; a new file passes through all.
constexpr std::array kMigrations{
    "CREATE TABLE users(user_id BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE claims(stream_id BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE fleet(id INTEGER PRIMARY KEY CHECK (id = 0), record BLOB NOT NULL);"
    "CREATE TABLE events(sequence INTEGER PRIMARY KEY, record BLOB NOT NULL);"
    "CREATE TABLE about(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    // Tells the event numbers of this file from those of another.
    "INSERT INTO about VALUES('generation', lower(hex(randomblob(8))));",
    // The same tables; what is in them may be of a format that the release of the schema before
    // takes for damaged.
    "",
    "",
};
constexpr auto kSchema = static_cast<std::int64_t>(kMigrations.size());

// As many links as Linux follows (path_resolution(7)).
constexpr int kMostLinks = 40;

// What the path leads to, also where that is still to be made.
std::string resolved(std::filesystem::path path) {
  std::error_code failed;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(path, failed); ++i) {
    path = path.parent_path() / std::filesystem::read_symlink(path, failed);
  }
  return path;
}

JournalFailure failure(JournalFault fault, const std::string& path, const std::string& text) {
  return {fault, path + ": " + text};
}

// Our schema, or a failure; a file without any content is ours to be.
Result<std::int64_t, JournalFailure> schema_of(SqliteDatabase& database, const std::string& path) {
  const std::int64_t application = database.number("PRAGMA application_id");
  const std::int64_t schema = database.number("PRAGMA user_version");
  const bool empty = database.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty && application != kApplicationId) {
    return failure(JournalFault::kNotOurs, path, "is a database, but not Weir's");
  }
  if (schema > kSchema) {
    return failure(JournalFault::kLaterSchema, path,
                   "was written by a later release (schema " + std::to_string(schema) +
                       "; this one knows " + std::to_string(kSchema) + ")");
  }
  return schema;
}

void migrate(SqliteDatabase& database, std::int64_t schema) {
  database.run("BEGIN IMMEDIATE");
  for (; schema < kSchema; ++schema) database.run(kMigrations[static_cast<std::size_t>(schema)]);
  database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  database.run(("PRAGMA user_version = " + std::to_string(kSchema)).c_str());
  database.run("COMMIT");
}

// A copy that took the place of the store would be taken for it.
bool same_file(const std::string& one, const std::string& other) {
  std::error_code ignored;
  return std::filesystem::equivalent(one, other, ignored);
}

void copy_database(SqliteDatabase& from, SqliteDatabase& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) throw SqliteError(SQLITE_ERROR, sqlite3_errmsg(to.handle()));
  // All at once: one snapshot, whatever is written meanwhile.
  sqlite3_backup_step(backup, -1);
  const int code = sqlite3_backup_finish(backup);
  if (code != SQLITE_OK) throw SqliteError(code, sqlite3_errmsg(to.handle()));
}

}  // namespace

JournalFailure failure_of(const std::string& path, const SqliteError& error) {
  const auto fault = [&] {
    switch (error.code()) {
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return JournalFault::kDamaged;
      case SQLITE_READONLY:
        return JournalFault::kReadOnly;
      case SQLITE_FULL:
        return JournalFault::kFull;
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return JournalFault::kInUse;
      default:
        return JournalFault::kCannotOpen;
    }
  }();
  return failure(fault, path, error.what());
}

Result<JournalLock, JournalFailure> JournalLock::take(const std::string& path) {
  // Beside the file itself, under whatever name it is opened.
  const std::string lock_path = resolved(path) + ".lock";
  const int file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const auto fault = errno == EROFS ? JournalFault::kReadOnly : JournalFault::kCannotOpen;
    return failure(fault, lock_path, std::strerror(errno));
  }
  JournalLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return failure(JournalFault::kInUse, path, "is in use by another process");
  }
  return lock;
}

JournalLock::JournalLock(JournalLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

JournalLock::~JournalLock() {
  if (file_ >= 0) ::close(file_);
}

Result<JournalFile, JournalFailure> open_journal(const std::string& path) {
  auto lock = JournalLock::take(path);
  if (!lock) return lock.error();
  try {
    SqliteDatabase database(path, SqliteDatabase::Mode::kReadWrite);
    if (sqlite3_db_readonly(database.handle(), "main") == 1) {
      return failure(JournalFault::kReadOnly, path, "may not be written");
    }
    const auto schema = schema_of(database, path);
    if (!schema) return schema.error();
    database.run("PRAGMA journal_mode = WAL");
    // An answer is given only for what survives a power cut.
    database.run("PRAGMA synchronous = FULL");
    // The upper levels of a million users' tree stay in memory.
    database.run("PRAGMA cache_size = -32768");
    migrate(database, *schema);
    return JournalFile{*std::move(lock), std::move(database)};
  } catch (const SqliteError& error) {
    return failure_of(path, error);
  }
}

Result<void, JournalFailure> back_up_journal(const std::string& path, const std::string& copy) {
  if (same_file(path, copy)) return failure(JournalFault::kInUse, copy, "is the store itself");
  // Complete under another name first, so that a copy by this name is always whole.
  const std::string part = copy + ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  std::string concerned = path;
  try {
    SqliteDatabase from(path, SqliteDatabase::Mode::kReadOnly);
    const auto schema = schema_of(from, path);
    if (!schema) return schema.error();
    concerned = part;
    SqliteDatabase to(part, SqliteDatabase::Mode::kReadWrite);
    copy_database(from, to);
    to.run("PRAGMA journal_mode = DELETE");
  } catch (const SqliteError& error) {
    std::filesystem::remove(part, ignored);
    return failure_of(concerned, error);
  }
  std::error_code renamed;
  std::filesystem::rename(part, copy, renamed);
  if (renamed) return failure(JournalFault::kCannotOpen, copy, renamed.message());
  return {};
}

Result<void, JournalFailure> restore_journal(const std::string& copy, const std::string& path) {
  if (same_file(copy, path)) return failure(JournalFault::kInUse, copy, "is the store itself");
  std::string concerned = copy;
  const auto lock = JournalLock::take(path);
  if (!lock) return lock.error();
  try {
    SqliteDatabase from(copy, SqliteDatabase::Mode::kReadOnly);
    const auto schema = schema_of(from, copy);
    if (!schema) return schema.error();
    if (*schema == 0) return failure(JournalFault::kNotOurs, copy, "holds nothing of Weir's");
    SqliteStatement check = from.prepare("PRAGMA quick_check(1)");
    if (!check.step() || check.bytes(0) != "ok") {
      return failure(JournalFault::kDamaged, copy, "is damaged");
    }
    concerned = path;
    SqliteDatabase to(path, SqliteDatabase::Mode::kReadWrite);
    copy_database(from, to);
    // Numbers after the copy's are given once more, to other events.
    to.run("UPDATE about SET value = lower(hex(randomblob(8))) WHERE name = 'generation'");
  } catch (const SqliteError& error) {
    return failure_of(concerned, error);
  }
  return {};
}

}  // namespace weir::control::store
