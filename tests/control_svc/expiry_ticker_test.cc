#include "control_svc/expiry_ticker.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>

#include "control_svc/store/memory_store.h"

namespace weir::control {
namespace {

using namespace std::chrono_literals;

// Counts the events of expiries and lets a test wait for them.
class ExpiryCount {
 public:
  void add(const std::vector<domain::Event>& events) {
    const std::scoped_lock lock(mutex_);
    for (const domain::Event& event : events) {
      if (std::get<domain::SessionEvent>(event).type == domain::EventType::kExpired) ++count_;
    }
    changed_.notify_all();
  }
  bool reaches(int expected) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return count_ >= expected; });
  }
  int now() {
    const std::scoped_lock lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(ExpiryTicker, EndsWhatIsDueAlsoWhenItIsMoreThanOnePiece) {
  constexpr int kUsers = static_cast<int>(ExpiryTicker::kBatch) * 3 + 7;
  FakeClock clock;
  ExpiryCount expired;
  store::MemoryStore store(
      [&expired](const std::vector<domain::Event>& events) { expired.add(events); });
  store::SessionOperations operations(store, {}, [](const domain::EndNotice&) {});
  for (int user = 0; user < kUsers; ++user) {
    domain::AdmitRequest request;
    request.user_id = "user-" + std::to_string(user);
    request.stream_id = "live/1";
    operations.admit(std::move(request), clock.now(),
                     [](const auto& outcome) { ASSERT_TRUE(outcome.has_value()); });
  }
  const ExpiryTicker ticker(operations, clock);
  clock.advance(operations.settings().start_timeout - 1ms);
  EXPECT_EQ(expired.now(), 0);
  clock.advance(1ms);
  EXPECT_TRUE(expired.reaches(kUsers));
  EXPECT_EQ(expired.now(), kUsers);
}

}  // namespace
}  // namespace weir::control
