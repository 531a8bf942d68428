// Why a peer's bytes end its connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace weir::media::rtmp {

enum class Error : std::uint8_t {
  // Another protocol on the RTMP port.
  kHttp,
  kTls,
  // A load balancer whom nobody trusts.
  kProxyHeader,
  // Against the protocol.
  kHandshake,
  kChunk,
  kChunkSize,
  kAmf,
  kCommand,
  kUnexpectedCommand,
  kInvalidApp,
  // A limit of `Limits` was reached.
  kMessageTooLarge,
  kPartialBytes,
  kChunkStreams,
  kAmfDepth,
  kCommandTooLarge,
  kMessageStreams,
  kOutputBytes,
  kTinyChunks,
  kMessageRate,
  kStrayMedia,
};

// A word for metric labels and logs: "http", "chunk_size", "partial_bytes"…
std::string_view label(Error error);
// Whether a named limit was hit, rather than the protocol broken.
bool is_limit(Error error);

// The end of a session by its peer's fault. The text is for logs; it quotes no peer's bytes.
struct Fault {
  Error error;
  std::string text;
};

template <class T>
using Outcome = Result<T, Fault>;

}  // namespace weir::media::rtmp
