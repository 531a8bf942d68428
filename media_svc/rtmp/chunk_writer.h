// Messages into chunks (Adobe RTMP 1.0, section 5.3.1).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// Section 5.4: control messages go on chunk stream 2; the others are ours to choose.
inline constexpr std::uint32_t kControlChunkStream = 2;
inline constexpr std::uint32_t kCommandChunkStream = 3;
inline constexpr std::uint32_t kAudioChunkStream = 4;
inline constexpr std::uint32_t kDataChunkStream = 5;
inline constexpr std::uint32_t kVideoChunkStream = 6;

// The chunk stream that a message of this type is sent on.
std::uint32_t chunk_stream_for(MessageType type);

// A message apart from its payload.
struct MessageHeader {
  MessageType type = MessageType::kCommandAmf0;
  std::uint32_t timestamp = 0;
  std::uint32_t stream_id = 0;
};

// The chunk headers of one message: a full one (fmt 0), then short ones (fmt 3) that repeat an
// extended timestamp, as the specification says.
class ChunkHeaders {
 public:
  // Of a full header, with an extended timestamp.
  static constexpr std::size_t kMostBytes = 1 + 11 + 4;

  ChunkHeaders(const MessageHeader& header, std::size_t payload_bytes);

  std::span<const std::uint8_t> first() const { return {first_, first_bytes_}; }
  std::span<const std::uint8_t> next() const { return {next_, next_bytes_}; }

 private:
  static constexpr std::size_t kShort = 1 + 4;

  std::uint8_t first_[kMostBytes];
  std::uint8_t next_[kShort];
  std::size_t first_bytes_ = 0;
  std::size_t next_bytes_ = 0;
};

// Hands the bytes of a message in chunks to `append`, a callable that takes a span.
template <class Append>
void cut_into_chunks(const MessageHeader& header, std::span<const std::uint8_t> payload,
                     std::size_t chunk_size, Append append) {
  const ChunkHeaders headers(header, payload.size());
  append(headers.first());
  for (;;) {
    const auto piece = payload.first(std::min(chunk_size, payload.size()));
    append(piece);
    payload = payload.subspan(piece.size());
    if (payload.empty()) return;
    append(headers.next());
  }
}

void append_chunks(std::vector<std::uint8_t>& out, const MessageHeader& header,
                   std::span<const std::uint8_t> payload, std::size_t chunk_size);

}  // namespace weir::media::rtmp
