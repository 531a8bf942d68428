#include "common/log/log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

namespace weir::log {
namespace {

// What `body` logs, a JSON object a line. Destroying the output writes what is queued.
template <class Body>
std::vector<nlohmann::json> lines_of(Level level, Body body) {
  std::vector<nlohmann::json> lines;
  {
    const Output output(
        {.level = level, .format = FormatChoice::kJson}, {"weir-test", "1", "pod"},
        [&](std::string_view line) { lines.push_back(nlohmann::json::parse(line)); });
    body();
  }
  return lines;
}

TEST(Log, WritesFromItsLevelOn) {
  const auto lines = lines_of(Level::kInfo, [] {
    debug("a", {}, "");
    info("b", {}, "");
    warn("c", {}, "");
    error("d", {{"reason", "x"}}, "");
  });
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[0].at("level"), "info");
  EXPECT_EQ(lines[1].at("level"), "warn");
  EXPECT_EQ(lines[2].at("reason"), "x");
}

TEST(Log, SaysWhatIsWritten) {
  EXPECT_FALSE(writes(Level::kError));
  lines_of(Level::kInfo, [] {
    EXPECT_FALSE(writes(Level::kDebug));
    EXPECT_TRUE(writes(Level::kInfo));
  });
}

TEST(Log, RepeatsOfAWarningAreLimitedAndInfoIsWhole) {
  constexpr int kTimes = 500;
  const auto lines = lines_of(Level::kInfo, [] {
    for (int n = 0; n < kTimes; ++n) {
      warn("noise", {{"n", n}}, "");
      info("fact", {{"n", n}}, "");
    }
  });
  int facts = 0;
  std::uint64_t noise_told = 0;
  int noise = 0;
  for (const auto& line : lines) {
    if (line.at("event") == "fact") EXPECT_EQ(line.at("n"), facts++);
    if (line.at("event") != "noise") continue;
    ++noise;
    noise_told += 1 + line.value("repeats_left_out", 0);
  }
  EXPECT_EQ(facts, kTimes);
  EXPECT_LT(noise, kTimes);
  EXPECT_LE(noise_told, kTimes);
}

TEST(Log, LinesFromManyThreadsStayWhole) {
  const auto lines = lines_of(Level::kInfo, [] {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        for (int n = 0; n < 200; ++n) info("fact", {{"thread", thread}, {"n", n}}, "text");
      });
    }
  });
  EXPECT_EQ(lines.size(), 800);
}

TEST(Log, WithoutAnOutputNothingIsWritten) { error("nobody.listens", {}, "dropped"); }

// As a terminal that nobody reads for a while.
TEST(Log, AStuckReaderBlocksNobodyAndHearsWhatItMissed) {
  std::promise<void> let_go;
  std::atomic<std::uint64_t> told = 0;
  std::uint64_t lost = 0;
  {
    const Output output({.format = FormatChoice::kJson}, {"weir-test", "1", "pod"},
                        [&, released = let_go.get_future().share()](std::string_view line) {
                          released.wait();
                          const std::uint64_t total =
                              nlohmann::json::parse(line).value("lines_lost", 0);
                          if (total > 0) told = total;
                        });
    for (int n = 0; n < 40'000; ++n) info("fact", {{"n", n}}, "");
    EXPECT_GT(output.lines_lost(), 10'000);
    let_go.set_value();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (told == 0 && std::chrono::steady_clock::now() < deadline) {
      info("fact", {}, "there is room again");
      std::this_thread::yield();
    }
    lost = output.lines_lost();
  }
  EXPECT_GT(told, 0);
  EXPECT_LE(told, lost);
}

}  // namespace
}  // namespace weir::log
