#include "control_svc/store/event_history.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace weir::control::store {
namespace {

domain::Event event_of(const std::string& user) {
  domain::SessionEvent event;
  event.user_id = domain::Text(user);
  return event;
}

std::vector<std::string> users_of(const std::vector<EventHistory::Entry>& entries) {
  std::vector<std::string> users;
  for (const auto& entry : entries) {
    users.push_back(std::get<domain::SessionEvent>(entry.event).user_id.str());
  }
  return users;
}

TEST(EventHistory, IsReadInOrderAndInPieces) {
  EventHistory history("g");
  history.append({event_of("a"), event_of("b"), event_of("c")});
  const auto first = history.read(1, 2);
  ASSERT_TRUE(first);
  EXPECT_EQ(users_of(*first), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(users_of(*history.read(first->back().sequence + 1, 2)), std::vector<std::string>{"c"});
  EXPECT_TRUE(history.read(history.next(), 2)->empty());
}

TEST(EventHistory, TellsWhoFellBehind) {
  EventHistory history("g", 2);
  history.append({event_of("a")});
  const std::string old = history.token_after(0);
  const std::string token = history.token_after(1);
  history.append({event_of("b"), event_of("c")});
  EXPECT_FALSE(history.read(1, 10));
  EXPECT_FALSE(history.position_of(old));
  EXPECT_EQ(history.position_of(token), 2U);
  EXPECT_EQ(history.position_of("0"), 2U);
}

TEST(EventHistory, TakesOnlyTokensOfItsOwn) {
  EventHistory history("g");
  history.append({event_of("a")});
  for (const char* token :
       {"", "1", "g", "g-", "g-x", "g-1x", "g--1", "g-2", "h-1", "g-18446744073709551616"}) {
    EXPECT_FALSE(history.position_of(token)) << token;
  }
  EXPECT_EQ(history.position_of("g-1"), 2U);
}

TEST(EventHistory, WakesItsReadersUntilTheyAreGone) {
  EventHistory history("g");
  int woken = 0;
  {
    const auto subscription = history.subscribe([&woken] { ++woken; });
    history.append({event_of("a")});
    EXPECT_EQ(woken, 1);
  }
  history.append({event_of("b")});
  EXPECT_EQ(woken, 1);
}

// What it wakes may be gone right after.
TEST(EventHistory, AReaderThatIsGoneIsNotBeingWoken) {
  EventHistory history("g");
  std::atomic<bool> leaving = false;
  std::atomic<bool> woken = false;
  std::promise<void> waking;
  auto subscription = history.subscribe([&] {
    waking.set_value();
    while (!leaving) std::this_thread::yield();
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
    woken = true;
  });
  const std::jthread appending([&] { history.append({event_of("a")}); });
  waking.get_future().wait();
  leaving = true;
  subscription.reset();
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace weir::control::store
