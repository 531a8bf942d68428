// What a peer costs that reads less than it is answered.
#include "media_svc/rtmp/link.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>

#include "tests/media_svc/rtmp/bytes.h"
#include "tests/media_svc/rtmp/chunk_builder.h"

namespace weir::media::rtmp {
namespace {

constexpr std::uint32_t kWindow = 5'000'000;

void feed(Link& link, std::span<const std::uint8_t> bytes) {
  link.feed(bytes);
  auto message = link.next();
  while (message && *message) message = link.next();
  ASSERT_TRUE(message) << message.error().text;
}

TEST(Link, WhatWasSentIsGivenBackThoughSomeIsAlwaysLeft) {
  Link link(Limits{}, kWindow);
  link.write(UserControl::kPingResponse, 0);
  const std::size_t answer = link.output().size();
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    link.write(UserControl::kPingResponse, i);
    link.consume_output(answer);
    ASSERT_EQ(link.output().size(), answer);
  }
  EXPECT_LT(link.output_buffer().capacity(), 8 * answer);
}

TEST(Link, APeerThatReadsNothingIsAcknowledgedOnlySoOften) {
  const Limits limits{.output_bytes = 1'000};
  Link link(limits, kWindow);
  feed(link, message_bytes(MessageType::kWindowAcknowledgementSize, u32(0), 0, 0, 2));
  const Bytes media = message_bytes(MessageType::kAudio, repeated(100, 1), 1);
  for (int i = 0; i < 100; ++i) {
    for (const std::uint8_t& byte : media) feed(link, {&byte, 1});
  }
  const std::size_t unread = link.output().size();
  EXPECT_GT(unread, limits.output_bytes);
  EXPECT_LT(unread, limits.output_bytes + 100);
}

}  // namespace
}  // namespace weir::media::rtmp
