#include "common/config/units.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsAreReadAndShown) {
  const std::pair<const char*, Duration> cases[] = {{"0", 0ms},     {"500ms", 500ms}, {"10s", 10s},
                                                    {"30m", 30min}, {"24h", 24h},     {"7d", 168h}};
  for (const auto& [text, duration] : cases) EXPECT_EQ(parse_duration(text), duration) << text;
  EXPECT_EQ(to_text(Duration(90s)), "90s");
  EXPECT_EQ(to_text(Duration(24h)), "1d");
  EXPECT_EQ(to_text(Duration(1500ms)), "1500ms");
  EXPECT_EQ(to_text(Duration(0)), "0");
}

TEST(Units, SizesAreReadAndShown) {
  const std::pair<const char*, ByteSize> cases[] = {
      {"0", {}}, {"512B", {512}}, {"64KiB", 64_KiB}, {"4MiB", 4_MiB}, {"1GiB", 1_GiB}};
  for (const auto& [text, size] : cases) {
    EXPECT_EQ(parse_byte_size(text), size) << text;
    EXPECT_EQ(to_text(size), text);
  }
}

TEST(Units, WhatHasNoUnitOrTooManyIsRefused) {
  for (const char* text : {"", "10", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1sec", "10s ",
                           "9223372036854775807d", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  for (const char* text :
       {"", "10", "MiB", "-1MiB", "1.5MiB", "4MB", "4mib", "9223372036854775807GiB"}) {
    EXPECT_FALSE(parse_byte_size(text)) << text;
  }
}

TEST(Units, NumbersAreWholeWords) {
  EXPECT_EQ(parse_integer("-7"), -7);
  EXPECT_EQ(parse_number("0.25"), 0.25);
  EXPECT_EQ(parse_bool("true"), true);
  EXPECT_EQ(parse_bool("false"), false);
  for (const char* text : {"", "1x", " 1", "0x10", "1e3", "99999999999999999999"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
  for (const char* text : {"", "nan", "inf", "1e999", "0,5"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
  for (const char* text : {"", "yes", "1", "True"}) EXPECT_FALSE(parse_bool(text)) << text;
}

}  // namespace
}  // namespace weir::config
