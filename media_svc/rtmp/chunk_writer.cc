#include "media_svc/rtmp/chunk_writer.h"

#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

// In a 24-bit timestamp field: the value is in the four bytes behind the header (section 5.3.1.3).
constexpr std::uint32_t kExtended = 0xFFFFFF;

}  // namespace

std::uint32_t chunk_stream_for(MessageType type) {
  switch (type) {
    case MessageType::kSetChunkSize:
    case MessageType::kAbort:
    case MessageType::kAcknowledgement:
    case MessageType::kUserControl:
    case MessageType::kWindowAcknowledgementSize:
    case MessageType::kSetPeerBandwidth:
      return kControlChunkStream;
    case MessageType::kAudio:
      return kAudioChunkStream;
    case MessageType::kVideo:
    case MessageType::kAggregate:
      return kVideoChunkStream;
    case MessageType::kDataAmf0:
    case MessageType::kDataAmf3:
    case MessageType::kSharedObjectAmf0:
    case MessageType::kSharedObjectAmf3:
      return kDataChunkStream;
    case MessageType::kCommandAmf0:
    case MessageType::kCommandAmf3:
      return kCommandChunkStream;
  }
  return kDataChunkStream;
}

ChunkHeaders::ChunkHeaders(const MessageHeader& header, std::size_t payload_bytes) {
  const auto chunk_stream = static_cast<std::uint8_t>(chunk_stream_for(header.type));
  const bool extended = header.timestamp >= kExtended;
  first_[0] = chunk_stream;
  store_u24(first_ + 1, extended ? kExtended : header.timestamp);
  store_u24(first_ + 4, static_cast<std::uint32_t>(payload_bytes));
  first_[7] = static_cast<std::uint8_t>(header.type);
  store_u32_little(first_ + 8, header.stream_id);
  next_[0] = static_cast<std::uint8_t>(0xC0 | chunk_stream);
  first_bytes_ = 12;
  next_bytes_ = 1;
  if (extended) {
    store_u32(first_ + first_bytes_, header.timestamp);
    store_u32(next_ + next_bytes_, header.timestamp);
    first_bytes_ += 4;
    next_bytes_ += 4;
  }
}

void append_chunks(std::vector<std::uint8_t>& out, const MessageHeader& header,
                   std::span<const std::uint8_t> payload, std::size_t chunk_size) {
  cut_into_chunks(header, payload, chunk_size, [&out](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
  });
}

}  // namespace weir::media::rtmp
