#include "media_svc/rtmp/rendering.h"

#include <gtest/gtest.h>

#include "media_svc/rtmp/chunk_reader.h"
#include "media_svc/rtmp/chunk_writer.h"
#include "tests/media_svc/rtmp/bytes.h"

namespace weir::media::rtmp {
namespace {

Message message(MessageType type, std::uint32_t timestamp, std::size_t size) {
  Bytes payload(size);
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  return {type, timestamp, 77, SharedBytes::copy_of(payload)};
}

void expect_reads_as(std::span<const std::uint8_t> bytes, std::uint32_t chunk_size,
                     const Message& sent, std::uint32_t stream_id) {
  for (const std::size_t piece : kPieces) {
    ChunkReader reader{Limits{}};
    reader.set_chunk_size(chunk_size);
    std::vector<Message> read;
    feed_in_pieces(bytes, piece, [&](std::span<const std::uint8_t> now) {
      while (true) {
        auto next = reader.next(now);
        ASSERT_TRUE(next.has_value());
        if (!*next) break;
        read.push_back(std::move(**next));
      }
    });
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read[0].type, sent.type);
    EXPECT_EQ(read[0].timestamp, sent.timestamp);
    EXPECT_EQ(read[0].stream_id, stream_id);
    EXPECT_EQ(read[0].payload, sent.payload);
  }
}

TEST(Rendering, IsWhatAReaderReadsAtAnyTime) {
  for (const auto type : {MessageType::kAudio, MessageType::kVideo, MessageType::kDataAmf0}) {
    for (const std::uint32_t time : {0u, 0xFFFFFEu, 0xFFFFFFu, 0x1000000u, 0xFFFFFFFFu}) {
      const Message sent = message(type, time, 10);
      expect_reads_as(render(sent), kOutputChunkSize, sent, kSharedMessageStream);
      expect_reads_as(render(sent, 5), kOutputChunkSize, sent, 5);
    }
  }
}

TEST(Rendering, IsTheMessageThatWasReadWithItsHeaderInFrontOfIt) {
  for (const std::uint32_t time : {0u, 0x1000000u}) {
    const Message sent = message(MessageType::kVideo, time, 1000);
    Bytes wire;
    append_chunks(wire, {sent.type, sent.timestamp, 3}, sent.payload, kOutputChunkSize);
    ChunkReader reader{Limits{}};
    reader.set_chunk_size(kOutputChunkSize);
    std::span<const std::uint8_t> input = wire;
    const auto read = reader.next(input);
    ASSERT_TRUE(read && *read);
    // Another player's message stream takes nothing of it.
    expect_reads_as(render(**read, 5), kOutputChunkSize, sent, 5);
    const SharedBytes rendered = render(**read);
    EXPECT_EQ(rendered.data() + rendered.size() - 1000, (*read)->payload.data());
    expect_reads_as(rendered, kOutputChunkSize, sent, kSharedMessageStream);
    EXPECT_EQ((*read)->payload, sent.payload);
  }
}

TEST(Rendering, IsWhatAReaderReadsInAnySize) {
  for (const std::uint32_t time : {0xFFFFFEu, 0xFFFFFFu}) {
    for (const std::size_t size : {0u, 1u, 59'999u, 60'000u, 60'001u, 120'000u}) {
      const Message sent = message(MessageType::kVideo, time, size);
      expect_reads_as(render(sent), kOutputChunkSize, sent, kSharedMessageStream);
    }
  }
}

TEST(ChunkWriter, CutsIntoAnySize) {
  const Message sent = message(MessageType::kVideo, 0x1234567, 1000);
  for (const std::uint32_t chunk_size : {1u, 128u, 999u, 1000u, 1001u}) {
    Bytes out;
    append_chunks(out, {sent.type, sent.timestamp, 3}, sent.payload, chunk_size);
    expect_reads_as(out, chunk_size, sent, 3);
  }
}

TEST(ChunkWriter, SendsMediaAndControlOnTheirOwnChunkStreams) {
  EXPECT_EQ(chunk_stream_for(MessageType::kSetChunkSize), 2u);
  EXPECT_EQ(chunk_stream_for(MessageType::kUserControl), 2u);
  EXPECT_NE(chunk_stream_for(MessageType::kAudio), chunk_stream_for(MessageType::kVideo));
  EXPECT_NE(chunk_stream_for(MessageType::kAudio), chunk_stream_for(MessageType::kCommandAmf0));
}

}  // namespace
}  // namespace weir::media::rtmp
