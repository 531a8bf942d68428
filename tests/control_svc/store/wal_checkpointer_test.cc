#include "control_svc/store/wal_checkpointer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tests/control_svc/store/temporary_folder.h"

namespace weir::control::store {
namespace {

constexpr CheckpointPace kSoon{.begin = 200, .little = 20};

class WalCheckpointerTest : public testing::Test {
 protected:
  WalCheckpointerTest() {
    writer_.run("PRAGMA journal_mode = WAL; CREATE TABLE things(id INTEGER PRIMARY KEY, bytes)");
  }

  void write(WalCheckpointer& checkpointer) {
    writer_.run("INSERT OR REPLACE INTO things VALUES(abs(random() % 1000), zeroblob(3000))");
    checkpointer.after_commit();
  }

  // Writes until the log has begun anew so many times. False: it did not within 30 s.
  bool begins_anew(WalCheckpointer& checkpointer, int times) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (times > 0 && std::chrono::steady_clock::now() < end) {
      const int before = checkpointer.pages_in_log();
      write(checkpointer);
      if (checkpointer.pages_in_log() < before) --times;
    }
    return times == 0;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.file("wal.db");
  SqliteDatabase writer_{path_, SqliteDatabase::Mode::kReadWrite};
};

TEST_F(WalCheckpointerTest, LetsTheLogBeginAnewWhileItIsWrittenTo) {
  WalCheckpointer checkpointer(path_, writer_, kSoon);
  EXPECT_TRUE(begins_anew(checkpointer, 3));
}

TEST_F(WalCheckpointerTest, LeavesAShortLogAlone) {
  WalCheckpointer checkpointer(path_, writer_, kSoon);
  while (checkpointer.pages_in_log() < kSoon.begin - 10) {
    const int before = checkpointer.pages_in_log();
    write(checkpointer);
    ASSERT_GT(checkpointer.pages_in_log(), before);
  }
}

TEST_F(WalCheckpointerTest, WaitsForNoReaderAndGoesOnAfterIt) {
  WalCheckpointer checkpointer(path_, writer_, kSoon);
  write(checkpointer);
  {
    SqliteDatabase reader(path_, SqliteDatabase::Mode::kReadOnly);
    reader.run("BEGIN; SELECT count(*) FROM things");
    while (checkpointer.pages_in_log() < 5 * kSoon.begin) write(checkpointer);
    EXPECT_EQ(reader.number("SELECT count(*) FROM things"), 1);
  }
  EXPECT_TRUE(begins_anew(checkpointer, 1));
}

}  // namespace
}  // namespace weir::control::store
