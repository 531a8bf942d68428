#include "media_svc/net/session_directory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::media::net {
namespace {

control_link::Session session(const std::string& id, std::int64_t epoch) {
  control_link::Session made;
  made.session_id = id;
  made.epoch = epoch;
  return made;
}

class SessionDirectoryTest : public testing::Test {
 protected:
  SessionDirectory::Entry add(const std::string& id, std::int64_t epoch, const char* who) {
    return directory_.add(session(id, epoch),
                          [this, who](const SessionDirectory::Order&) { told_.emplace_back(who); });
  }
  std::vector<std::string> end(const std::string& id, std::int64_t epoch) {
    told_.clear();
    directory_.tell(
        control_link::EndOrder{.session_id = id, .epoch = epoch, .reason = "moved", .message = {}});
    return told_;
  }

  SessionDirectory directory_;
  std::vector<std::string> told_;
};

using Names = std::vector<std::string>;

TEST_F(SessionDirectoryTest, TellsOnlyTheHolderOfTheSession) {
  const auto a = add("a", 1, "a");
  const auto b = add("b", 1, "b");
  EXPECT_EQ(end("a", 1), Names{"a"});
  EXPECT_EQ(end("c", 1), Names{});
}

TEST_F(SessionDirectoryTest, TheOlderEpochIsMeantNotTheConnectionThatTookTheSessionUp) {
  const auto older = add("s", 1, "older");
  const auto newer = add("s", 2, "newer");
  EXPECT_EQ(end("s", 1), Names{"older"});
}

TEST_F(SessionDirectoryTest, WithoutAnEpochAllHoldersAreMeant) {
  const auto play = add("s", 0, "play");
  EXPECT_EQ(end("s", 0), Names{"play"});
}

TEST_F(SessionDirectoryTest, AnEntryThatIsGoneIsNotTold) {
  {
    const auto gone = add("s", 1, "gone");
  }
  const auto kept = add("s", 1, "kept");
  EXPECT_EQ(end("s", 1), Names{"kept"});
}

}  // namespace
}  // namespace weir::media::net
