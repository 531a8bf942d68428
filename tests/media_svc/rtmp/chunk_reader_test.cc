#include "media_svc/rtmp/chunk_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "tests/media_svc/rtmp/bytes.h"
#include "tests/media_svc/rtmp/chunk_builder.h"

namespace weir::media::rtmp {
namespace {

// "type@time#stream:payload length:first byte" of each message, then the fault's label if any.
std::string describe(const Message& message) {
  const auto payload = message.payload.span();
  return std::to_string(static_cast<int>(message.type)) + "@" + std::to_string(message.timestamp) +
         "#" + std::to_string(message.stream_id) + ":" + std::to_string(payload.size()) + ":" +
         (payload.empty()
              ? "-"
              : std::to_string(payload.front()) + ".." + std::to_string(payload.back()));
}

std::vector<std::string> read_all(ChunkReader& reader, std::span<const std::uint8_t> input) {
  std::vector<std::string> messages;
  for (;;) {
    auto message = reader.next(input);
    if (!message) {
      messages.emplace_back(label(message.error().error));
      return messages;
    }
    if (!*message) return messages;
    messages.push_back(describe(**message));
    if ((*message)->type == MessageType::kSetChunkSize) {
      reader.set_chunk_size(load_u32((*message)->payload.data()));
    }
    if ((*message)->type == MessageType::kAbort) {
      reader.abort(load_u32((*message)->payload.data()));
    }
  }
}

struct Case {
  std::string name;
  Bytes input;
  std::vector<std::string> messages;
};

Bytes audio(int format, std::uint32_t time, std::size_t length, int fill) {
  const ChunkFields fields{.time = time, .length = static_cast<std::uint32_t>(length)};
  return bytes(chunk_header(format, fields), repeated(length, fill));
}

// One message in two chunks, the second of which has `between` behind its basic header.
Bytes two_chunks(std::uint32_t time, const Bytes& between, int fill = 7) {
  const ChunkFields fields{.time = time, .length = 200};
  return bytes(chunk_header(0, fields), repeated(128, fill), basic_header(3, 4), between,
               repeated(72, fill));
}

constexpr std::uint32_t kLate = 0x0100'0000;  // 4.66 hours

std::vector<Case> header_cases() {
  return {
      {"full header", audio(0, 5, 3, 9), {"8@5#1:3:9..9"}},
      {"deltas: fmt 1, 2 and 3",
       bytes(audio(0, 100, 1, 1), audio(1, 20, 2, 2), chunk_header(2, {.time = 30}), 3, 3,
             basic_header(3, 4), 4, 4),
       {"8@100#1:1:1..1", "8@120#1:2:2..2", "8@150#1:2:3..3", "8@180#1:2:4..4"}},
      {"fmt 3 behind a full header adds its timestamp again",
       bytes(audio(0, 40, 1, 1), basic_header(3, 4), 2),
       {"8@40#1:1:1..1", "8@80#1:1:2..2"}},
      {"two-byte chunk stream id",
       bytes(chunk_header(0, {.chunk_stream = 319, .length = 1}), 1, basic_header(3, 319), 2),
       {"8@0#1:1:1..1", "8@0#1:1:2..2"}},
      {"three-byte chunk stream id",
       bytes(chunk_header(0, {.chunk_stream = 65'599, .length = 1}), 1, basic_header(3, 65'599), 2),
       {"8@0#1:1:1..1", "8@0#1:1:2..2"}},
      {"a small id in the long form is the same chunk stream",
       bytes(chunk_header(0, {.chunk_stream = 70, .length = 1}), 1, 0xC1, 6, 0, 2),
       {"8@0#1:1:1..1", "8@0#1:1:2..2"}},
      {"an empty message", audio(0, 5, 0, 0), {"8@5#1:0:-"}},
      {"messages of two chunk streams interleave",
       bytes(chunk_header(0, {.chunk_stream = 4, .length = 130}), repeated(128, 1),
             chunk_header(0, {.chunk_stream = 6, .length = 129, .type = MessageType::kVideo}),
             repeated(128, 2), basic_header(3, 4), 1, 1, basic_header(3, 6), 2),
       {"8@0#1:130:1..1", "9@0#1:129:2..2"}},
      {"fmt 1 first on a chunk stream", audio(1, 7, 1, 1), {"8@7#0:1:1..1"}},
      {"fmt 2 first on a chunk stream", chunk_header(2, {.time = 7}), {"0@7#0:0:-"}},
      {"fmt 3 first on a chunk stream", basic_header(3, 4), {"0@0#0:0:-"}},
  };
}

std::vector<Case> timestamp_cases() {
  return {
      {"extended timestamp repeated in the next chunk",
       two_chunks(kLate, u32(kLate)),
       {"8@16777216#1:200:7..7"}},
      {"extended timestamp not repeated (OBS up to 30.0, rtmpdump)",
       two_chunks(kLate, {}),
       {"8@16777216#1:200:7..7"}},
      {"not repeated, and the payload begins like it",
       two_chunks(kLate, {}, 1),
       {"8@16777216#1:200:1..1"}},
      {"largest plain and smallest extended timestamp",
       bytes(audio(0, 0xFFFFFE, 1, 1), audio(0, 0xFFFFFF, 1, 2)),
       {"8@16777214#1:1:1..1", "8@16777215#1:1:2..2"}},
      {"extended delta",
       bytes(audio(0, 5, 1, 1), audio(1, kLate, 1, 2)),
       {"8@5#1:1:1..1", "8@16777221#1:1:2..2"}},
      {"fmt 3 that starts a message carries the extended delta",
       bytes(audio(0, 5, 1, 1), audio(1, kLate, 1, 2), basic_header(3, 4), u32(kLate), 3),
       {"8@5#1:1:1..1", "8@16777221#1:1:2..2", "8@33554437#1:1:3..3"}},
      {"fmt 3 that starts a message carries a new one",
       bytes(audio(0, kLate, 1, 1), basic_header(3, 4), u32(kLate + 9), 2),
       {"8@16777216#1:1:1..1", "8@33554441#1:1:2..2"}},
      {"extended delta repeated in the next chunk",
       bytes(audio(0, 5, 1, 1), chunk_header(1, {.time = kLate, .length = 200}), repeated(128, 7),
             basic_header(3, 4), u32(kLate), repeated(72, 7), audio(0, 9, 1, 3)),
       {"8@5#1:1:1..1", "8@16777221#1:200:7..7", "8@9#1:1:3..3"}},
      {"extended delta not repeated",
       bytes(audio(0, 5, 1, 1), chunk_header(1, {.time = kLate, .length = 200}), repeated(128, 7),
             basic_header(3, 4), repeated(72, 7)),
       {"8@5#1:1:1..1", "8@16777221#1:200:7..7"}},
      {"not repeated before a last byte behind which nothing comes",
       bytes(chunk_header(0, {.time = kLate, .length = 129}), repeated(128, 7), basic_header(3, 4),
             7),
       {"8@16777216#1:129:7..7"}},
      {"a plain delta ends extended timestamps",
       bytes(audio(0, kLate, 1, 1), audio(1, 10, 1, 2), basic_header(3, 4), 3),
       {"8@16777216#1:1:1..1", "8@16777226#1:1:2..2", "8@16777236#1:1:3..3"}},
      {"time wraps",
       bytes(audio(0, 0xFFFF'FFF0, 1, 1), audio(1, 0x20, 1, 2)),
       {"8@4294967280#1:1:1..1", "8@16#1:1:2..2"}},
  };
}

std::vector<Case> control_cases() {
  return {
      {"chunk size grows",
       bytes(message_bytes(MessageType::kSetChunkSize, u32(4096), 0, 0, 2), audio(0, 1, 4096, 3)),
       {"1@0#0:4:0..0", "8@1#1:4096:3..3"}},
      {"chunk size shrinks in the middle of a message",
       bytes(chunk_header(0, {.length = 130}), repeated(128, 1),
             message_bytes(MessageType::kSetChunkSize, u32(1), 0, 0, 2), basic_header(3, 4), 2,
             basic_header(3, 4), 3),
       {"1@0#0:4:0..1", "8@0#1:130:1..3"}},
      {"abort forgets a partial message",
       bytes(chunk_header(0, {.length = 200}), repeated(128, 1),
             message_bytes(MessageType::kAbort, u32(4), 0, 0, 2), audio(0, 9, 2, 2)),
       {"2@0#0:4:0..4", "8@9#1:2:2..2"}},
      {"abort of nothing", message_bytes(MessageType::kAbort, u32(77), 0, 0, 2), {"2@0#0:4:0..77"}},
      {"a message given up for another one",
       bytes(chunk_header(0, {.length = 200}), repeated(128, 1), audio(0, 9, 2, 2)),
       {"8@9#1:2:2..2"}},
      {"a message given up for another as long",
       bytes(chunk_header(0, {.length = 200}), repeated(128, 1),
             chunk_header(0, {.length = 200, .type = MessageType::kVideo}), repeated(128, 2),
             basic_header(3, 4), repeated(72, 2)),
       {"9@0#1:200:2..2"}},
      {"a message after an abort, with the shortest header and an extended delta",
       bytes(audio(0, 5, 1, 1), chunk_header(1, {.time = kLate, .length = 200}), repeated(128, 1),
             message_bytes(MessageType::kAbort, u32(4), 0, 0, 2), basic_header(3, 4), u32(kLate),
             repeated(128, 2), basic_header(3, 4), u32(kLate), repeated(72, 2)),
       {"8@5#1:1:1..1", "2@0#0:4:0..4", "8@33554437#1:200:2..2"}},
      {"the rest of a message under the same header again",
       bytes(chunk_header(0, {.time = 6, .length = 200}), repeated(128, 1),
             chunk_header(1, {.time = 6, .length = 200}), repeated(72, 2)),
       {"8@6#1:200:1..2"}},
      {"an unknown type is a message too",
       message_bytes(static_cast<MessageType>(99), bytes(1)),
       {"99@0#0:1:1..1"}},
  };
}

std::vector<Case> cases() {
  std::vector<Case> all = header_cases();
  std::ranges::move(timestamp_cases(), std::back_inserter(all));
  std::ranges::move(control_cases(), std::back_inserter(all));
  return all;
}

TEST(ChunkReader, ReadsWhatPeersWriteHoweverItIsCut) {
  for (const Case& item : cases()) {
    for (const std::size_t piece : kPieces) {
      ChunkReader reader{Limits{}};
      std::vector<std::string> messages;
      feed_in_pieces(item.input, piece, [&](std::span<const std::uint8_t> now) {
        for (auto& message : read_all(reader, now)) messages.push_back(std::move(message));
      });
      EXPECT_EQ(messages, item.messages) << item.name << ", pieces of " << piece;
      EXPECT_EQ(reader.partial_bytes(), 0u) << item.name;
    }
  }
}

TEST(ChunkReader, RefusesAMessageAboveItsLimit) {
  ChunkReader reader(Limits{.message_bytes = 100});
  EXPECT_EQ(read_all(reader, audio(0, 0, 100, 1)).back(), "8@0#1:100:1..1");
  EXPECT_EQ(read_all(reader, chunk_header(0, {.length = 101})).back(), "message_bytes");
}

TEST(ChunkReader, RefusesTooManyChunkStreams) {
  ChunkReader reader{Limits{}};
  Bytes input;
  for (std::uint32_t id = 3; id < 3 + 4096; ++id) {
    append_to(input, chunk_header(0, {.chunk_stream = id}));
  }
  EXPECT_EQ(read_all(reader, input).size(), 4096u);
  EXPECT_EQ(read_all(reader, chunk_header(0, {.chunk_stream = 9000})).back(), "chunk_streams");
}

TEST(ChunkReader, AllocatesWhatArrivedNotWhatWasDeclared) {
  ChunkReader reader{Limits{}};
  for (std::uint32_t id = 3; id < 1003; ++id) {
    const ChunkFields fields{.chunk_stream = id, .length = 0xFFFFFF};
    EXPECT_TRUE(read_all(reader, bytes(chunk_header(0, fields), repeated(128, 1))).empty());
  }
  EXPECT_GE(reader.partial_bytes(), 1000u * 128);
  EXPECT_LE(reader.partial_bytes(), 1000u * 256);
}

TEST(ChunkReader, RefusesTooManyPartialBytes) {
  ChunkReader reader(Limits{.partial_bytes = 10'000});
  std::vector<std::string> messages;
  for (std::uint32_t id = 3; id < 100 && messages.empty(); ++id) {
    const ChunkFields fields{.chunk_stream = id, .length = 1000};
    messages = read_all(reader, bytes(chunk_header(0, fields), repeated(128, 1)));
  }
  EXPECT_EQ(messages, std::vector<std::string>{"partial_bytes"});
  EXPECT_LE(reader.partial_bytes(), 10'000u);
}

TEST(ChunkReader, BoundsTinyChunksBetweenRenewals) {
  ChunkReader reader(Limits{.tiny_chunks = 10});
  reader.set_chunk_size(1);
  const auto message = [](std::uint32_t length) {
    Bytes out = bytes(chunk_header(0, {.length = length}), 1);
    for (std::uint32_t i = 1; i < length; ++i) append_to(out, bytes(basic_header(3, 4), 1));
    return out;
  };
  EXPECT_EQ(read_all(reader, message(11)).back(), "8@0#1:11:1..1");
  reader.renew_budget();
  EXPECT_EQ(read_all(reader, message(11)).back(), "8@0#1:11:1..1");
  EXPECT_EQ(read_all(reader, message(2)).back(), "tiny_chunks");
}

TEST(ChunkReader, ChunksOf64BytesAreNotTiny) {
  for (const std::uint32_t size : {63u, 64u}) {
    ChunkReader reader(Limits{.tiny_chunks = 10});
    reader.set_chunk_size(size);
    Bytes input = bytes(chunk_header(0, {.length = 12 * size}), repeated(size, 1));
    for (int i = 1; i < 12; ++i) append_to(input, bytes(basic_header(3, 4), repeated(size, 1)));
    EXPECT_EQ(read_all(reader, input).back(), size == 64 ? "8@0#1:768:1..1" : "tiny_chunks");
  }
}

TEST(ChunkReader, KeepsAKeyframeOfFourMebibytes) {
  ChunkReader reader{Limits{}};
  reader.set_chunk_size(4096);
  const std::size_t size = 4u << 20;
  const ChunkFields fields{.length = static_cast<std::uint32_t>(size), .type = MessageType::kVideo};
  Bytes input = bytes(chunk_header(0, fields), repeated(4096, 5));
  for (std::size_t at = 4096; at < size; at += 4096) {
    append_to(input, bytes(basic_header(3, 4), repeated(4096, 5)));
  }
  EXPECT_EQ(read_all(reader, input).back(), "9@0#1:4194304:5..5");
}

}  // namespace
}  // namespace weir::media::rtmp
