#include "common/log/line.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/log/escape.h"

namespace weir::log {
namespace {

const Identity kIdentity{"weir-media", "1.2.3", "pod-7"};

std::string line_with(std::initializer_list<Field> fields, std::string_view text, Format format,
                      const Identity& identity = kIdentity) {
  const Event event{.time = WallTime(std::chrono::milliseconds(1'700'000'000'042)),
                    .level = Level::kInfo,
                    .name = "session.admitted",
                    .text = text,
                    .fields = fields,
                    .place = std::source_location::current()};
  std::string line(line_of(event, identity, format));
  EXPECT_TRUE(line.ends_with('\n'));
  line.pop_back();
  return line;
}

TEST(Line, JsonHasEveryMember) {
  const auto line = nlohmann::json::parse(
      line_with({{"session_id", "abc"}, {"epoch", 3}, {"load", 0.5}, {"resumed", true}},
                "session admitted", Format::kJson));
  EXPECT_EQ(line.at("time"), "2023-11-14T22:13:20.042Z");
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("msg"), "session admitted");
  EXPECT_EQ(line.at("event"), "session.admitted");
  EXPECT_EQ(line.at("service"), "weir-media");
  EXPECT_EQ(line.at("version"), "1.2.3");
  EXPECT_EQ(line.at("instance_id"), "pod-7");
  EXPECT_TRUE(line.at("source").get<std::string>().starts_with("tests/common/log/line_test.cc:"));
  EXPECT_EQ(line.at("session_id"), "abc");
  EXPECT_EQ(line.at("epoch"), 3);
  EXPECT_EQ(line.at("load"), 0.5);
  EXPECT_EQ(line.at("resumed"), true);
}

// JSON has no two members of one name.
TEST(Line, WhoHasNoInstanceIdLeavesTheNameToTheEvent) {
  const Identity nobody{"weir-control", "1.2.3", ""};
  const std::string line = line_with({{"instance_id", "pod-7"}}, "", Format::kJson, nobody);
  EXPECT_EQ(line.find("instance_id"), line.rfind("instance_id"));
  EXPECT_EQ(nlohmann::json::parse(line).at("instance_id"), "pod-7");
}

TEST(Line, TextIsReadable) {
  const std::string line =
      line_with({{"peer", "10.0.0.1:5"}, {"why", "two words"}, {"n", -1}}, "gone", Format::kText);
  EXPECT_TRUE(
      line.starts_with("2023-11-14T22:13:20.042Z info  session.admitted gone "
                       "peer=10.0.0.1:5 why=\"two words\" n=-1 (tests/common/log/"))
      << line;
}

TEST(Line, NobodyForgesALine) {
  const std::string hostile = "a\nb\r\x1b[2J\x7f\"\\ level=error";
  for (const Format format : {Format::kText, Format::kJson}) {
    const std::string line = line_with({{"peer", hostile}}, hostile, format);
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c != '\x7f') << line;
  }
  const auto json = nlohmann::json::parse(line_with({{"peer", hostile}}, hostile, Format::kJson));
  EXPECT_EQ(json.at("peer"), hostile);
  EXPECT_EQ(json.at("msg"), hostile);
}

TEST(Line, HoldsTheLongestOfEachKind) {
  const std::string escaped(10'000, '\x01');
  const auto json =
      nlohmann::json::parse(line_with({{"text", escaped},
                                       {"least", std::numeric_limits<std::int64_t>::min()},
                                       {"most", std::numeric_limits<std::uint64_t>::max()},
                                       {"small", -std::numeric_limits<double>::min()}},
                                      escaped, Format::kJson, {"", "", escaped}));
  EXPECT_EQ(json.at("msg"), escaped);
  EXPECT_EQ(json.at("instance_id"), escaped);
  EXPECT_EQ(json.at("text"), escaped);
  EXPECT_EQ(json.at("least"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(json.at("most"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(json.at("small"), -std::numeric_limits<double>::min());
}

TEST(Line, NumbersThatJsonHasNotAreNull) {
  const auto json = nlohmann::json::parse(
      line_with({{"ratio", std::numeric_limits<double>::infinity()}}, "", Format::kJson));
  EXPECT_TRUE(json.at("ratio").is_null());
}

std::string escaped_of(std::string_view text) {
  std::string room(kMostEscapedBytes * text.size(), ' ');
  room.erase(static_cast<std::size_t>(escape(text, room.data()) - room.data()));
  return room;
}

TEST(Escape, Table) {
  const std::pair<std::string, std::string> cases[] = {
      {"plain", "plain"},
      {"Grüße 世界 🎥", "Grüße 世界 🎥"},
      {"\t\n\x01", "\\u0009\\n\\u0001"},
      {"\"\\", "\\\"\\\\"},
      {"\x7f", "\\u007f"},
      {"\xC2\x9B[2J", "\\u009b[2J"},                             // CSI of the C1 controls
      {"\xff", "\xEF\xBF\xBD"},                                  // never a first byte
      {"\xC3", "\xEF\xBF\xBD"},                                  // cut off
      {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong
      {"\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // overlong
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // surrogate
      {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const auto& [text, escaped] : cases) {
    EXPECT_EQ(escaped_of(text), escaped);
  }
}

// Many are looked at side by side.
TEST(Escape, ACharacterIsTheSameWhereverItIs) {
  for (int value = 0; value <= 0xff; ++value) {
    const std::string character(1, static_cast<char>(value));
    for (std::size_t before = 0; before <= 17; ++before) {
      const std::string back(17 - before, '~');
      std::string text(before, 'a');
      std::string escaped = text;
      text.append(character).append(back);
      escaped.append(escaped_of(character)).append(back);
      EXPECT_EQ(escaped_of(text), escaped) << value << " after " << before;
    }
  }
}

}  // namespace
}  // namespace weir::log
