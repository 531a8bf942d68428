// When lines are written, and that none is forgotten.
#include "common/log/line_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace weir::log {
namespace {

// What was written, in so many pieces.
class Written {
 public:
  void take(std::string_view lines) {
    const std::scoped_lock lock(mutex_);
    text_ += lines;
    ++writes_;
    changed_.notify_all();
  }
  bool wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return text_ == text; });
  }
  int writes() {
    const std::scoped_lock lock(mutex_);
    return writes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  int writes_ = 0;
};

TEST(LineQueue, WritesTogetherWhatComesTogether) {
  Written written;
  {
    LineQueue queue([&](std::string_view lines) { written.take(lines); });
    for (int i = 0; i < 3; ++i) queue.put("line\n");
    EXPECT_TRUE(written.wait_for("line\nline\nline\n"));
  }
  EXPECT_LE(written.writes(), 3);
}

// Whatever the writer is at when a line comes: gathering, about to rest, or at rest.
TEST(LineQueue, ForgetsNoLineAtAnyMoment) {
  Written written;
  LineQueue queue([&](std::string_view lines) { written.take(lines); });
  std::string all;
  for (int i = 0; i < 40; ++i) {
    queue.put("line\n");
    all += "line\n";
    ASSERT_TRUE(written.wait_for(all));
    std::this_thread::sleep_for(LineQueue::kGathering * (i % 8) / 4);
  }
}

TEST(LineQueue, WritesAtItsEndWhatIsLeft) {
  Written written;
  {
    LineQueue queue([&](std::string_view lines) { written.take(lines); });
    queue.put("first\n");
    ASSERT_TRUE(written.wait_for("first\n"));
    queue.put("last\n");
  }
  EXPECT_TRUE(written.wait_for("first\nlast\n"));
}

}  // namespace
}  // namespace weir::log
