// A message as bytes on the wire, cut once for all who get it.
#pragma once

#include <cstdint>

#include "common/shared_bytes.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// The chunk size that every server session announces before it sends media. SRS has sent with this
// value for years, so players take it; most frames fit one chunk.
inline constexpr std::uint32_t kOutputChunkSize = 60'000;

// The message stream of nearly every player: the first that createStream gives out.
inline constexpr std::uint32_t kSharedMessageStream = 1;

// The chunks of `message` for message stream `stream_id` (not its own), `kOutputChunkSize` bytes
// each. The first chunk has a full header (fmt 0), so the bytes mean the same whatever was sent
// before: one rendering serves every player whose session accepted a play on that stream.
SharedBytes render(const Message& message, std::uint32_t stream_id = kSharedMessageStream);

}  // namespace weir::media::rtmp
