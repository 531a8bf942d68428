// What one peer may cost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::media::rtmp {

struct Limits {
  std::size_t message_bytes = 16u << 20;
  // Of all messages that are not complete yet, as allocated.
  std::size_t partial_bytes = 32u << 20;
  std::size_t chunk_streams = 4096;
  std::size_t command_bytes = 64u << 10;
  // Objects and arrays in one another, in a command's values.
  std::size_t amf_depth = 16;
  std::size_t message_streams = 16;
  // Answers that the peer does not read.
  std::size_t output_bytes = 256u << 10;

  // Between two calls of `renew_budget()`, which the owner makes each second: what costs us more
  // than it costs the peer to send.
  //
  // Chunks of less than 64 bytes that do not complete a message.
  std::uint32_t tiny_chunks = 20'000;
  // Messages that carry no media: pings, acknowledgements, commands, unknown types.
  std::uint32_t control_messages = 2'000;
  // Of them those that publish or play: control is asked for each.
  std::uint32_t stream_requests = 50;
  // Media messages, which may have no bytes at all.
  std::uint32_t media_messages = 20'000;
  // Seconds in which media came for message streams that publish nothing, less those without any:
  // what was on its way when a publish ended, not what goes on for ever.
  std::uint32_t stray_media_seconds = 10;
};

}  // namespace weir::media::rtmp
