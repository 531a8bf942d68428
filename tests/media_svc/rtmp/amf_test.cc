#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/amf3.h"
#include "tests/media_svc/rtmp/bytes.h"

namespace weir::media::rtmp {
namespace {

AmfValue text(std::string value) { return AmfValue(std::move(value)); }

AmfValue object(std::vector<AmfProperty> properties) {
  return AmfValue(AmfObject{std::move(properties)});
}

AmfValue array(std::vector<AmfValue> items) { return AmfValue(AmfArray{std::move(items)}); }

struct Case {
  std::string name;
  Bytes input;
  AmfValue value;
};

const Bytes kOne = bytes(0x3F, 0xF0, 0, 0, 0, 0, 0, 0);

std::vector<Case> amf0_cases() {
  return {
      {"number", bytes(0, kOne), AmfValue(1.0)},
      {"boolean", bytes(1, 2), AmfValue(true)},
      {"string", bytes(2, 0, 2, "ab"), text("ab")},
      {"long string", bytes(0x0c, 0, 0, 0, 2, "ab"), text("ab")},
      {"null", bytes(5), AmfValue(AmfNull{})},
      {"undefined", bytes(6), AmfValue()},
      {"unsupported", bytes(0x0d), AmfValue()},
      {"reference", bytes(7, 0, 1), AmfValue()},
      {"date", bytes(0x0b, kOne, 0, 0), AmfValue()},
      {"xml", bytes(0x0f, 0, 0, 0, 1, "x"), AmfValue()},
      {"object", bytes(3, 0, 1, "a", 5, 0, 0, 9), object({{"a", AmfValue(AmfNull{})}})},
      {"empty object", bytes(3, 0, 0, 9), object({})},
      {"typed object", bytes(0x10, 0, 1, "T", 0, 1, "a", 5, 0, 0, 9),
       object({{"a", AmfValue(AmfNull{})}})},
      {"ECMA array with a wrong count", bytes(8, 0, 0, 0, 9, 0, 1, "a", 1, 1, 0, 0, 9),
       object({{"a", AmfValue(true)}})},
      {"strict array", bytes(0x0a, 0, 0, 0, 2, 5, 1, 0),
       array({AmfValue(AmfNull{}), AmfValue(false)})},
      {"object without its end", bytes(3, 0, 1, "a", 5), object({{"a", AmfValue(AmfNull{})}})},
      {"object that ends in its empty name", bytes(3, 0, 1, "a", 5, 0, 0),
       object({{"a", AmfValue(AmfNull{})}})},
      {"a property with an empty name", bytes(3, 0, 0, 5, 0, 0, 9),
       object({{"", AmfValue(AmfNull{})}})},
      {"AMF3 inside", bytes(0x11, 4, 5), AmfValue(5.0)},
  };
}

std::vector<Case> amf3_cases() {
  return {
      {"undefined", bytes(0), AmfValue()},
      {"null", bytes(1), AmfValue(AmfNull{})},
      {"false", bytes(2), AmfValue(false)},
      {"true", bytes(3), AmfValue(true)},
      {"integer of one byte", bytes(4, 0x7F), AmfValue(127.0)},
      {"integer of two bytes", bytes(4, 0x81, 0x00), AmfValue(128.0)},
      {"integer of four bytes", bytes(4, 0xBF, 0xFF, 0xFF, 0xFF), AmfValue(268435455.0)},
      {"negative integer", bytes(4, 0xFF, 0xFF, 0xFF, 0xFF), AmfValue(-1.0)},
      {"double", bytes(5, kOne), AmfValue(1.0)},
      {"string", bytes(6, 5, "ab"), text("ab")},
      {"date", bytes(8, 1, kOne), AmfValue()},
      {"XML", bytes(0x0b, 3, "x"), AmfValue()},
      {"byte array", bytes(0x0c, 5, 1, 2), AmfValue()},
      {"array", bytes(9, 5, 1, 1, 3), array({AmfValue(AmfNull{}), AmfValue(true)})},
      {"associative array", bytes(9, 1, 3, "k", 3, 1), object({{"k", AmfValue(true)}})},
      {"dynamic object", bytes(0x0a, 0x0b, 1, 3, "k", 6, 3, "v", 1), object({{"k", text("v")}})},
      {"sealed object", bytes(0x0a, 0x13, 1, 3, "m", 4, 9), object({{"m", AmfValue(9.0)}})},
      {"string by reference", bytes(9, 7, 1, 6, 3, "x", 6, 0, 6, 3, "y"),
       array({text("x"), text("x"), text("y")})},
      {"traits by reference", bytes(9, 5, 1, 0x0a, 0x13, 1, 3, "m", 4, 1, 0x0a, 1, 4, 2),
       array({object({{"m", AmfValue(1.0)}}), object({{"m", AmfValue(2.0)}})})},
      {"object by reference", bytes(0x0a, 2), AmfValue()},
  };
}

using Reader = Outcome<AmfValue> (*)(AmfInput&);

void expect_values(Reader read, const std::vector<Case>& cases) {
  for (const auto& item : cases) {
    AmfInput input(item.input);
    const auto value = read(input);
    ASSERT_TRUE(value.has_value()) << item.name;
    EXPECT_EQ(*value, item.value) << item.name;
    EXPECT_TRUE(input.at_end()) << item.name;
  }
}

// Every shorter form of a value is either refused, or (AMF0 objects) an object with less in it.
void expect_no_harm_when_cut(Reader read, const std::vector<Case>& cases) {
  for (const auto& item : cases) {
    for (std::size_t size = 0; size < item.input.size(); ++size) {
      AmfInput input(std::span(item.input).first(size));
      const auto value = read(input);
      if (!value) {
        EXPECT_EQ(value.error().error, Error::kAmf) << item.name;
      } else {
        EXPECT_NE(value->object(), nullptr) << item.name;
      }
    }
  }
}

TEST(Amf0, ReadsEveryMarker) { expect_values(&read_amf0, amf0_cases()); }

TEST(Amf0, SurvivesBeingCutAnywhere) { expect_no_harm_when_cut(&read_amf0, amf0_cases()); }

TEST(Amf3, ReadsEveryMarker) { expect_values(&read_amf3, amf3_cases()); }

TEST(Amf3, SurvivesBeingCutAnywhere) { expect_no_harm_when_cut(&read_amf3, amf3_cases()); }

TEST(Amf0, RefusesUnknownMarkers) {
  for (const int marker : {4, 9, 0x0e, 0x12, 0xFF}) {
    const Bytes raw = bytes(marker, 0, 0, 0, 0);
    AmfInput input(raw);
    EXPECT_FALSE(read_amf0(input).has_value()) << marker;
  }
}

Bytes repeated_bytes(int times, const Bytes& what) {
  Bytes out;
  for (int i = 0; i < times; ++i) append_to(out, what);
  return out;
}

TEST(Amf, BoundsDepth) {
  constexpr int kDepth = 5;
  const struct {
    std::string name;
    Reader read;
    Bytes open;
    Bytes inner;
  } cases[] = {
      {"AMF0 objects", &read_amf0, bytes(3, 0, 1, "a"), bytes(5)},
      {"AMF0 arrays", &read_amf0, bytes(0x0a, 0, 0, 0, 1), bytes(5)},
      {"AMF0 ECMA arrays", &read_amf0, bytes(8, 0, 0, 0, 1, 0, 1, "a"), bytes(5)},
      {"AMF3 arrays", &read_amf3, bytes(9, 3, 1), bytes(1)},
      {"AMF3 objects", &read_amf3, bytes(0x0a, 0x13, 1, 3, "m"), bytes(1)},
  };
  for (const auto& item : cases) {
    const Bytes deep = bytes(repeated_bytes(kDepth, item.open), item.inner);
    AmfInput just_deep_enough(deep, kDepth);
    EXPECT_TRUE(item.read(just_deep_enough).has_value()) << item.name;
    const Bytes deeper = bytes(repeated_bytes(kDepth + 1, item.open), item.inner);
    AmfInput too_deep(deeper, kDepth);
    const auto refused = item.read(too_deep);
    ASSERT_FALSE(refused.has_value()) << item.name;
    EXPECT_EQ(refused.error().error, Error::kAmfDepth) << item.name;
    const Bytes absurd = repeated_bytes(100'000, item.open);
    AmfInput far_too_deep(absurd);
    EXPECT_FALSE(item.read(far_too_deep).has_value()) << item.name;
  }
}

TEST(Amf, BoundsDepthAcrossVersions) {
  // An AMF0 array that holds an AMF3 array.
  const Bytes mixed = bytes(0x0a, 0, 0, 0, 1, 0x11, 9, 3, 1, 1);
  AmfInput deep_enough(mixed, 2);
  EXPECT_TRUE(read_amf0(deep_enough).has_value());
  AmfInput too_deep(mixed, 1);
  EXPECT_FALSE(read_amf0(too_deep).has_value());
}

TEST(Amf, DepthIsNotLength) {
  // Two objects in an array, one after the other.
  const Bytes wide = bytes(0x0a, 0, 0, 0, 2, 3, 0, 0, 9, 3, 0, 0, 9);
  AmfInput input(wide, 2);
  EXPECT_TRUE(read_amf0(input).has_value());
}

TEST(Amf, ABigCountAllocatesNothing) {
  const Bytes amf0 = bytes(0x0a, 0xFF, 0xFF, 0xFF, 0xFF, 5);
  AmfInput first(amf0);
  EXPECT_FALSE(read_amf0(first).has_value());
  const Bytes amf3 = bytes(9, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1);
  AmfInput second(amf3);
  EXPECT_FALSE(read_amf3(second).has_value());
}

TEST(Amf3, ReferencesCannotMakeALargeValueOfASmallMessage) {
  // A string of 60,000 bytes, then 1,000 references to it.
  const Bytes bomb = bytes(9, 0x8F, 0x53, 1, 6, 0x87, 0xA9, 0x41, repeated(60'000, 'x'),
                           repeated_bytes(1000, bytes(6, 0)));
  AmfInput input(bomb);
  const auto value = read_amf3(input);
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().text, "AMF3 references expand too far");
}

TEST(Amf0Writer, WritesWhatTheReaderReads) {
  Bytes out;
  const std::string long_text(70'000, 'l');
  Amf0Writer writer(out);
  writer.begin_object();
  writer.key("number").number(-0.5);
  writer.key("flag").boolean(true);
  writer.key("text").string("t");
  writer.key("long").string(long_text);
  writer.key("null").null();
  writer.key("list").begin_strict_array(2).number(1).string("two");
  writer.key("map").begin_ecma_array(1).key("k").null().end_object();
  writer.end_object();

  AmfInput input(out);
  const auto value = read_amf0(input);
  ASSERT_TRUE(value.has_value());
  EXPECT_TRUE(input.at_end());
  EXPECT_EQ(*value, object({{"number", AmfValue(-0.5)},
                            {"flag", AmfValue(true)},
                            {"text", text("t")},
                            {"long", text(long_text)},
                            {"null", AmfValue(AmfNull{})},
                            {"list", array({AmfValue(1.0), text("two")})},
                            {"map", object({{"k", AmfValue(AmfNull{})}})}}));
}

TEST(AmfValue, ConvertsBetweenNumbersAndFlags) {
  EXPECT_EQ(AmfValue(true).number(), 1);
  EXPECT_TRUE(AmfValue(2.0).boolean());
  EXPECT_EQ(text("x").number(7), 7);
  EXPECT_TRUE(AmfValue().boolean(true));
  EXPECT_EQ(AmfValue(1.0).text(), "");
}

}  // namespace
}  // namespace weir::media::rtmp
