// Chunks as a peer may write them, also those that our own writer never would.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media_svc/rtmp/byte_order.h"
#include "media_svc/rtmp/message.h"
#include "tests/media_svc/rtmp/bytes.h"

namespace weir::media::rtmp {

struct ChunkFields {
  std::uint32_t chunk_stream = 4;
  // Timestamp of fmt 0, delta of fmt 1 and 2. At 0xFFFFFF and above it is written extended.
  std::uint32_t time = 0;
  std::uint32_t length = 0;
  MessageType type = MessageType::kAudio;
  std::uint32_t stream_id = 1;
};

inline Bytes basic_header(int format, std::uint32_t chunk_stream) {
  const int top = format << 6;
  if (chunk_stream < 64) return bytes(top | static_cast<int>(chunk_stream));
  const std::uint32_t rest = chunk_stream - 64;
  if (rest < 256) return bytes(top, static_cast<int>(rest));
  return bytes(top | 1, static_cast<int>(rest & 0xFF), static_cast<int>(rest >> 8));
}

inline Bytes u32(std::uint32_t value) {
  Bytes out(4);
  store_u32(out.data(), value);
  return out;
}

inline Bytes u24(std::uint32_t value) {
  Bytes out(3);
  store_u24(out.data(), value);
  return out;
}

// A header of fmt 0, 1, 2 or 3; `extended` is the extended timestamp of a fmt 3 header.
inline Bytes chunk_header(int format, const ChunkFields& fields,
                          std::optional<std::uint32_t> extended = std::nullopt) {
  Bytes out = basic_header(format, fields.chunk_stream);
  const bool long_time = fields.time >= 0xFFFFFF;
  if (format <= 2) append_to(out, u24(long_time ? 0xFFFFFF : fields.time));
  if (format <= 1) {
    append_to(out, u24(fields.length));
    out.push_back(static_cast<std::uint8_t>(fields.type));
  }
  if (format == 0) {
    Bytes id(4);
    store_u32_little(id.data(), fields.stream_id);
    append_to(out, id);
  }
  if (format <= 2 && long_time) append_to(out, u32(fields.time));
  if (extended) append_to(out, u32(*extended));
  return out;
}

// One message with a full header, in chunks of 128 bytes.
inline Bytes message_bytes(MessageType type, std::span<const std::uint8_t> payload,
                           std::uint32_t stream_id = 0, std::uint32_t time = 0,
                           std::uint32_t chunk_stream = 3) {
  const ChunkFields fields{chunk_stream, time, static_cast<std::uint32_t>(payload.size()), type,
                           stream_id};
  Bytes out = chunk_header(0, fields);
  for (;;) {
    const auto piece = payload.first(std::min<std::size_t>(128, payload.size()));
    append_to(out, piece);
    payload = payload.subspan(piece.size());
    if (payload.empty()) return out;
    append_to(out, basic_header(3, chunk_stream));
  }
}

}  // namespace weir::media::rtmp
