// The unit that RTMP carries: a typed, timed block of bytes on one message stream.
#pragma once

#include <cstdint>

#include "common/shared_bytes.h"

namespace weir::media::rtmp {

// Adobe RTMP 1.0, sections 5.4 and 7.1.
enum class MessageType : std::uint8_t {
  kSetChunkSize = 1,
  kAbort = 2,
  kAcknowledgement = 3,
  kUserControl = 4,
  kWindowAcknowledgementSize = 5,
  kSetPeerBandwidth = 6,
  kAudio = 8,
  kVideo = 9,
  kDataAmf3 = 15,
  kSharedObjectAmf3 = 16,
  kCommandAmf3 = 17,
  kDataAmf0 = 18,
  kSharedObjectAmf0 = 19,
  kCommandAmf0 = 20,
  kAggregate = 22,
};

// A value; copies share the payload.
struct Message {
  MessageType type = MessageType::kDataAmf0;
  // Milliseconds as the sender wrote them; wraps at 2^32 (49.7 days).
  std::uint32_t timestamp = 0;
  // 0 is the connection itself; createStream gives out the others.
  std::uint32_t stream_id = 0;
  SharedBytes payload;
};

}  // namespace weir::media::rtmp
