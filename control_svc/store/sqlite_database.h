// SQLite's C handles as objects that close themselves, and its errors as one exception type.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::control::store {

// What SQLite could not do, in words for the operator. Thrown inside the store, never out of it.
class SqliteError : public std::runtime_error {
 public:
  SqliteError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
  // A primary result code (sqlite.org/rescode.html).
  int code() const { return code_ & 0xff; }

 private:
  int code_;
};

class SqliteStatement;

// One connection, used by one thread at a time.
class SqliteDatabase {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };

  SqliteDatabase(const std::string& path, Mode mode);

  sqlite3* handle() { return handle_.get(); }
  // Any number of statements without parameters or rows.
  void run(const char* sql);
  SqliteStatement prepare(std::string_view sql);
  // The first column of the first row.
  std::int64_t number(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement; its database outlives it. Bound bytes live until the next reset.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, std::string_view sql);

  SqliteStatement& bind(int place, std::string_view bytes);
  SqliteStatement& bind(int place, std::int64_t number);
  // True: there is a row to read.
  bool step();
  // Runs a statement without rows and makes it ready for the next time.
  void run();
  std::string_view bytes(int column) const;
  std::int64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace weir::control::store
