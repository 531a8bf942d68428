#include "common/utf8.h"

#include <gtest/gtest.h>

#include <string_view>

namespace weir {
namespace {

TEST(Utf8, TakesOneCharacterOfAnyLength) {
  const struct {
    std::string_view text;
    std::uint32_t value;
    std::size_t bytes;
  } cases[] = {
      {"ab", 'a', 1},
      {std::string_view("\0", 1), 0, 1},
      {"\x7F", 0x7F, 1},
      {"\xC2\x80", 0x80, 2},
      {"\xDF\xBF!", 0x7FF, 2},
      {"\xE0\xA0\x80", 0x800, 3},
      {"\xED\x9F\xBF", 0xD7FF, 3},
      {"\xEE\x80\x80", 0xE000, 3},
      {"\xF0\x90\x80\x80", 0x10000, 4},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
  };
  for (const auto& item : cases) {
    const CodePoint first = first_code_point(item.text);
    EXPECT_EQ(first.value, item.value);
    EXPECT_EQ(first.bytes, item.bytes) << item.value;
  }
}

TEST(Utf8, KnowsWhatIsNone) {
  const std::string_view cases[] = {
      "\x80",  // nothing leads it
      "\xBF",
      "\xC0\xAF",  // overlong
      "\xC1\xBF",
      "\xE0\x9F\xBF",
      "\xF0\x8F\xBF\xBF",
      "\xED\xA0\x80",  // a surrogate
      "\xED\xBF\xBF",
      "\xF4\x90\x80\x80",  // beyond Unicode
      "\xF5\x80\x80\x80",
      "\xFF",
      "\xC2",  // cut short
      "\xE2\x82",
      "\xF0\x90\x80",
      "\302a",
      "\342\202a",
  };
  for (const std::string_view text : cases) {
    EXPECT_EQ(first_code_point(text).bytes, 0u) << testing::PrintToString(text);
  }
}

TEST(Utf8, KnowsControls) {
  for (const std::uint32_t control : {0x00, 0x0A, 0x1F, 0x7F, 0x80, 0x9F}) {
    EXPECT_TRUE(is_control(control)) << control;
  }
  for (const std::uint32_t other : {0x20, 0x7E, 0xA0, 0x2028}) {
    EXPECT_FALSE(is_control(other)) << other;
  }
}

}  // namespace
}  // namespace weir
