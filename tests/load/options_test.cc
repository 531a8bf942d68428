#include "tests/load/options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
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

// What `arguments` are answered with, and that they end the program with 2.
std::string mistakes_of(const std::vector<const char*>& arguments) {
  testing::internal::CaptureStderr();
  const auto parsed = parse(arguments);
  EXPECT_TRUE(std::holds_alternative<int>(parsed) && std::get<int>(parsed) == 2);
  return testing::internal::GetCapturedStderr();
}

TEST(Options, RefuseMistakes) {
  struct Case {
    std::vector<const char*> arguments;
    const char* about;
  };
  const std::vector<Case> cases{
      {{}, "target: needed"},
      {{"http://h/live/cam"}, "target: 'http://h/live/cam'"},
      {{"rtmp://h/live/cam", "rtmp://h/live/other"}, "rtmp://h/live/other: unknown"},
      {{"rtmp://h/live/cam", "--no-such-flag"}, "--no-such-flag: unknown"},
      {{"rtmp://h/live/cam", "--duration", "soon"}, "--duration: 'soon'"},
      {{"rtmp://h/live/cam", "--keyframe-interval", "0"}, "--keyframe-interval: '0'"},
      {{"rtmp://h/live/cam", "--steps", "10"}, "--steps: '10'"},
      {{"rtmp://h/live/cam", "--steps=-1:5s"}, "--steps: '-1:5s'"},
      {{"rtmp://h/live/cam", "--steps", "10:5s", "--players", "3"}, "--steps: "},
      {{"rtmp://h/live/cam", "--players"}, "--players: ''"},
      {{"rtmp://h/live/cam", "--players=-1"}, "--players: '-1'"},
      {{"rtmp://h/live/cam", "--players", "1.5"}, "--players: '1.5'"},
      {{"rtmp://h/live/cam", "--fps", "1001"}, "--fps: '1001'"},
      {{"rtmp://h/live/cam", "--bitrate", "100"}, "--audio-bitrate: "},
      {{"rtmp://h/live/cam", "--churn-role", "watch"}, "--churn-role: 'watch'"},
      {{"rtmp://h/live/cam", "--file", "/does/not/exist"}, "--file: '/does/not/exist'"},
      {{"rtmp://h/live/cam", "--watch", "me"}, "--watch: 'me'"},
  };
  for (const Case& one : cases) {
    const std::string told = mistakes_of(one.arguments);
    EXPECT_TRUE(told.starts_with(std::string("weir-load: ") + one.about)) << told;
    EXPECT_EQ(std::ranges::count(told, '\n'), 1) << told;
  }
}

TEST(Options, TellAllMistakesAtOnce) {
  const std::string told =
      mistakes_of({"--players", "many", "--no-such-flag", "--duration", "soon"});
  for (const char* about : {"--players: ", "--duration: ", "--no-such-flag: ", "target: "}) {
    EXPECT_NE(told.find(about), std::string::npos) << about << " in\n" << told;
  }
}

TEST(Options, TakeFractionsAndRepetitions) {
  const auto parsed =
      parse({"--churn=0.5", "--watch=12", "--watch", "13", "--json", "-", "rtmp://h/live/cam"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const auto& options = std::get<Options>(parsed);
  EXPECT_EQ(options.churn.a_second, 0.5);
  EXPECT_EQ(options.watched, (std::vector<pid_t>{12, 13}));
  EXPECT_EQ(options.json, "-");
}

TEST(Options, EndsWellAfterHelp) {
  const auto parsed = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<int>(parsed));
  EXPECT_EQ(std::get<int>(parsed), 0);
}

}  // namespace
}  // namespace weir::load
