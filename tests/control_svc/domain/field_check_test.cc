#include "control_svc/domain/field_check.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weir::control::domain {
namespace {

using namespace std::string_view_literals;

TEST(FieldCheck, WhatAnIdMayBe) {
  const std::string longest(128, 'x');
  for (const std::string_view id :
       {"a"sv, "Ann Smith"sv, "zoë"sv, "日本"sv, "😀"sv, std::string_view(longest)}) {
    EXPECT_FALSE(FieldCheck{}.id("f", id).refusal()) << id;
  }
  const std::string too_long(129, 'x');
  for (const std::string_view id :
       {""sv, std::string_view(too_long), "a\nb"sv, "a\0b"sv, "\x7f"sv, "\xc2\x85"sv,
        "\xe2\x80\xa8"sv,      // a line separator
        "\xc3"sv, "\xc3("sv,   // cut and broken sequences
        "\xc0\xaf"sv,          // overlong
        "\xed\xa0\x80"sv,      // a surrogate
        "\xf4\x90\x80\x80"sv,  // beyond Unicode
        "\xff"sv}) {
    EXPECT_TRUE(FieldCheck{}.id("f", id).refusal()) << testing::PrintToString(id);
  }
  EXPECT_FALSE(FieldCheck{}.optional_id("f", "").refusal());
}

TEST(FieldCheck, AStreamHasAnAppAndAName) {
  for (const std::string_view id : {"live/one"sv, "a/b/c"sv}) {
    EXPECT_FALSE(FieldCheck{}.stream_id("f", id).refusal()) << id;
  }
  for (const std::string_view id : {""sv, "live"sv, "/one"sv, "live/"sv, "/"sv, "live/a\tb"sv}) {
    EXPECT_TRUE(FieldCheck{}.stream_id("f", id).refusal()) << id;
  }
}

TEST(FieldCheck, NamesEveryBadFieldOnce) {
  const auto refusal = FieldCheck{}
                           .id("user_id", "")
                           .stream_id("stream_id", "")
                           .text("client.device", std::string(4097, 'x'))
                           .that(true, "fine", "is not")
                           .refusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, RefusalReason::kInvalidField);
  ASSERT_EQ(refusal->violations.size(), 3U);
  EXPECT_EQ(refusal->violations[0], (FieldViolation{"user_id", "must not be empty"}));
  EXPECT_EQ(refusal->violations[1].field, "stream_id");
  EXPECT_EQ(refusal->violations[2].field, "client.device");
}

TEST(AnonymousUser, IsNamedAfterStreamOrAddress) {
  AdmitRequest request;
  request.stream_id = "live/one";
  request.kind = SessionKind::kPublish;
  request.client.address = "192.0.2.1";
  EXPECT_EQ(anonymous_user(request), "anon:pub:live/one");
  request.kind = SessionKind::kPlay;
  EXPECT_EQ(anonymous_user(request), "anon:192.0.2.1");
  EXPECT_TRUE(is_anonymous(anonymous_user(request)));
  EXPECT_FALSE(is_anonymous("ann"));
}

TEST(AnonymousUser, CanBeNamedInOtherCalls) {
  AdmitRequest request;
  request.stream_id = "live/" + std::string(kMaxStreamIdBytes - 5, 'x');
  request.kind = SessionKind::kPublish;
  EXPECT_FALSE(FieldCheck{}.user_id("f", anonymous_user(request)).refusal());
  EXPECT_TRUE(FieldCheck{}.user_id("f", anonymous_user(request) + "x").refusal());
  EXPECT_TRUE(FieldCheck{}.user_id("f", "ann:pub:" + request.stream_id).refusal());
  EXPECT_TRUE(FieldCheck{}.user_id("f", "").refusal());
  EXPECT_FALSE(FieldCheck{}.optional_user_id("f", "").refusal());

  request.kind = SessionKind::kPlay;
  for (const std::string& address : {std::string(4096, 'x'), std::string(122, 'x') + "日本",
                                     std::string("192.0.2.1\nx"), std::string(200, '\n')}) {
    request.client.address = address;
    EXPECT_FALSE(FieldCheck{}.user_id("f", anonymous_user(request)).refusal()) << address;
  }
  EXPECT_EQ(anonymous_user(request), "anon:");
  request.client.address = std::string(120, 'x') + "日本";
  EXPECT_EQ(anonymous_user(request), "anon:" + std::string(120, 'x') + "日");
}

}  // namespace
}  // namespace weir::control::domain
