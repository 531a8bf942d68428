#include "tests/load/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::load {
namespace {

using std::chrono::seconds;

std::variant<Options, int> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "weir-load");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, HaveDefaults) {
  const auto parsed = parse({"rtmp://h/live/cam"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const auto& options = std::get<Options>(parsed);
  EXPECT_EQ(options.publishers, 1u);
  ASSERT_EQ(options.steps.size(), 1u);
  EXPECT_EQ(options.steps[0].players, 0u);
  EXPECT_EQ(options.steps[0].duration, seconds(10));
  EXPECT_EQ(options.synthetic.bit_rate, 2'650'000u);
}

TEST(Options, TakePlayersOrSteps) {
  const auto plain = parse({"rtmp://h/live/cam", "--players", "3", "--duration", "500ms"});
  ASSERT_TRUE(std::holds_alternative<Options>(plain));
  EXPECT_EQ(std::get<Options>(plain).steps[0].players, 3u);
  EXPECT_EQ(std::get<Options>(plain).steps[0].duration, Duration(500));

  const auto steps = parse({"rtmp://h/live/cam", "--steps", "10:5s,1000:1m"});
  ASSERT_TRUE(std::holds_alternative<Options>(steps));
  ASSERT_EQ(std::get<Options>(steps).steps.size(), 2u);
  EXPECT_EQ(std::get<Options>(steps).steps[1].players, 1000u);
  EXPECT_EQ(std::get<Options>(steps).steps[1].duration, seconds(60));
}

TEST(Options, RefuseMistakes) {
  const std::vector<std::vector<const char*>> mistakes{
      {},
      {"http://h/live/cam"},
      {"rtmp://h/live/cam", "--no-such-flag"},
      {"rtmp://h/live/cam", "--duration", "soon"},
      {"rtmp://h/live/cam", "--steps", "10"},
      {"rtmp://h/live/cam", "--steps", "-1:5s"},
      {"rtmp://h/live/cam", "--steps", "10:5s", "--players", "3"},
      {"rtmp://h/live/cam", "--churn-role", "watch"},
      {"rtmp://h/live/cam", "--file", "/does/not/exist"},
  };
  for (const auto& arguments : mistakes) {
    const auto parsed = parse(arguments);
    ASSERT_TRUE(std::holds_alternative<int>(parsed));
    EXPECT_EQ(std::get<int>(parsed), 2);
  }
}

TEST(Options, EndsWellAfterHelp) {
  const auto parsed = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<int>(parsed));
  EXPECT_EQ(std::get<int>(parsed), 0);
}

}  // namespace
}  // namespace weir::load
