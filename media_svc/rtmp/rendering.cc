#include "media_svc/rtmp/rendering.h"

#include "media_svc/rtmp/chunk_writer.h"

namespace weir::media::rtmp {

SharedBytes render(const Message& message, std::uint32_t stream_id) {
  const MessageHeader header{message.type, message.timestamp, stream_id};
  const std::size_t size = message.payload.size();
  const ChunkHeaders headers(header, size);
  // What nearly every player gets needs no copy.
  const bool is_one_chunk = size <= kOutputChunkSize;
  if (is_one_chunk && stream_id == kSharedMessageStream) {
    return message.payload.behind(headers.first());
  }
  const std::size_t more_chunks = size == 0 ? 0 : (size - 1) / kOutputChunkSize;
  SharedBytes::Builder rendered;
  rendered.reserve(headers.first().size() + size + more_chunks * headers.next().size());
  cut_into_chunks(header, message.payload, kOutputChunkSize,
                  [&rendered](std::span<const std::uint8_t> bytes) { rendered.append(bytes); });
  return rendered.take();
}

}  // namespace weir::media::rtmp
