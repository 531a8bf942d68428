#include "control_svc/rpc/instance_message.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace weir::control::rpc {
namespace {

using domain::SessionId;
using weir::v1::AttachRequest;

constexpr std::uint64_t kSome = 0x0123456789abcdef;

std::vector<SessionId> some_sessions(std::size_t count) {
  std::vector<SessionId> sessions;
  for (std::size_t i = 0; i < count; ++i) sessions.emplace_back(i % 64, kSome * i, ~kSome + i);
  return sessions;
}

AttachRequest touches_of(const std::vector<SessionId>& sessions) {
  AttachRequest message;
  message.mutable_touches();
  for (const SessionId& each : sessions) message.mutable_touches()->add_session_ids(each.str());
  return message;
}

// In pieces that end at these places.
grpc::ByteBuffer buffer_of(const std::string& bytes, const std::vector<std::size_t>& cuts = {}) {
  std::vector<grpc::Slice> slices;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    slices.emplace_back(bytes.substr(from, cut - from));
    from = cut;
  }
  slices.emplace_back(bytes.substr(from));
  return {slices.data(), slices.size()};
}

bool reads(InstanceMessage& message, const std::string& bytes,
           const std::vector<std::size_t>& cuts = {}) {
  grpc::ByteBuffer buffer = buffer_of(bytes, cuts);
  return message.read(buffer);
}

std::vector<SessionId> touched(const InstanceMessage& message) {
  return {message.touched().begin(), message.touched().end()};
}

TEST(InstanceMessage, ReadsTouchesWhereverTheirBytesAreCut) {
  const std::vector<SessionId> sessions = some_sessions(3);
  const std::string bytes = touches_of(sessions).SerializeAsString();
  InstanceMessage message;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_TRUE(reads(message, bytes, {cut})) << cut;
    ASSERT_EQ(message.message_case(), AttachRequest::kTouches) << cut;
    ASSERT_EQ(touched(message), sessions) << cut;
  }
  std::vector<std::size_t> everywhere(bytes.size());
  std::ranges::generate(everywhere, [at = std::size_t{0}]() mutable { return at++; });
  ASSERT_TRUE(reads(message, bytes, everywhere));
  EXPECT_EQ(touched(message), sessions);
  EXPECT_EQ(message.touched_id(2), sessions[2].str());
}

TEST(InstanceMessage, NothingStaysOfTheMessageBefore) {
  InstanceMessage message;
  ASSERT_TRUE(reads(message, touches_of(some_sessions(3)).SerializeAsString()));
  AttachRequest report;
  report.mutable_report()->set_ready(true);
  ASSERT_TRUE(reads(message, report.SerializeAsString()));
  EXPECT_EQ(message.message_case(), AttachRequest::kReport);
  EXPECT_TRUE(message.proto().report().ready());
  EXPECT_TRUE(message.touched().empty());

  ASSERT_TRUE(reads(message, touches_of(some_sessions(1)).SerializeAsString()));
  EXPECT_EQ(message.message_case(), AttachRequest::kTouches);
  EXPECT_EQ(message.touched().size(), 1U);
  ASSERT_TRUE(reads(message, ""));
  EXPECT_EQ(message.message_case(), AttachRequest::MESSAGE_NOT_SET);
}

TEST(InstanceMessage, KeepsTheTextOfIdsThatNobodyWasGiven) {
  AttachRequest asked = touches_of(some_sessions(2));
  asked.mutable_touches()->add_session_ids("no id");
  asked.mutable_touches()->add_session_ids(std::string(SessionId::kTextSize, 'U'));
  InstanceMessage message;
  ASSERT_TRUE(reads(message, asked.SerializeAsString()));
  ASSERT_EQ(message.touched().size(), 4U);
  EXPECT_EQ(message.touched()[1], some_sessions(2)[1]);
  EXPECT_TRUE(message.touched()[2].empty());
  EXPECT_TRUE(message.touched()[3].empty());
  EXPECT_EQ(message.touched_id(1), some_sessions(2)[1].str());
  EXPECT_EQ(message.touched_id(2), "no id");
}

// As protobuf reads them: fields may be repeated, unknown or in any order.
TEST(InstanceMessage, ReadsWhatProtobufReads) {
  const std::string two = touches_of(some_sessions(2)).SerializeAsString();
  const std::string unknown_field("\x78\x01", 2);
  AttachRequest report;
  report.mutable_report()->set_ready(true);
  const std::string ready = report.SerializeAsString();
  for (const std::string& bytes :
       {two + two, two + unknown_field, unknown_field + two, two + ready, ready + two,
        touches_of({}).SerializeAsString(), touches_of(some_sessions(5'000)).SerializeAsString()}) {
    AttachRequest expected;
    ASSERT_TRUE(expected.ParseFromString(bytes));
    InstanceMessage message;
    ASSERT_TRUE(reads(message, bytes));
    EXPECT_EQ(message.message_case(), expected.message_case());
    std::vector<std::string> found;
    for (std::size_t i = 0; i < message.touched().size(); ++i) {
      found.push_back(message.touched_id(i));
    }
    EXPECT_EQ(found, std::vector<std::string>(expected.touches().session_ids().begin(),
                                              expected.touches().session_ids().end()));
  }
}

// Each byte of a message in turn becomes every other: as long as protobuf takes it, both agree.
TEST(InstanceMessage, RefusesWhatProtobufRefuses) {
  const google::protobuf::LogSilencer wrong_text_is_meant;
  const std::string whole = touches_of(some_sessions(2)).SerializeAsString();
  InstanceMessage message;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    EXPECT_EQ(reads(message, whole.substr(0, at)),
              AttachRequest{}.ParseFromString(whole.substr(0, at)))
        << at;
    for (int value = 0; value < 256; ++value) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(value);
      AttachRequest expected;
      const bool good = expected.ParseFromString(bytes);
      ASSERT_EQ(reads(message, bytes), good) << at << ' ' << value;
      if (!good) continue;
      ASSERT_EQ(message.message_case(), expected.message_case());
      ASSERT_EQ(message.touched().size(),
                static_cast<std::size_t>(expected.touches().session_ids_size()));
      for (int i = 0; i < expected.touches().session_ids_size(); ++i) {
        ASSERT_EQ(message.touched_id(static_cast<std::size_t>(i)),
                  expected.touches().session_ids(i));
      }
    }
  }
}

}  // namespace
}  // namespace weir::control::rpc
