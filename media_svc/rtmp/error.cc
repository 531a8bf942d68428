#include "media_svc/rtmp/error.h"

namespace weir::media::rtmp {

std::string_view label(Error error) {
  switch (error) {
    case Error::kHttp:
      return "http";
    case Error::kTls:
      return "tls";
    case Error::kProxyHeader:
      return "unexpected_proxy_header";
    case Error::kHandshake:
      return "handshake";
    case Error::kChunk:
      return "chunk";
    case Error::kChunkSize:
      return "chunk_size";
    case Error::kAmf:
      return "amf";
    case Error::kCommand:
      return "command";
    case Error::kUnexpectedCommand:
      return "unexpected_command";
    case Error::kInvalidApp:
      return "invalid_app";
    case Error::kMessageTooLarge:
      return "message_bytes";
    case Error::kPartialBytes:
      return "partial_bytes";
    case Error::kChunkStreams:
      return "chunk_streams";
    case Error::kAmfDepth:
      return "amf_depth";
    case Error::kCommandTooLarge:
      return "command_bytes";
    case Error::kMessageStreams:
      return "message_streams";
    case Error::kOutputBytes:
      return "output_bytes";
    case Error::kTinyChunks:
      return "tiny_chunks";
    case Error::kMessageRate:
      return "message_rate";
    case Error::kStrayMedia:
      return "stray_media";
  }
  return "unknown";
}

bool is_limit(Error error) { return error >= Error::kMessageTooLarge; }

}  // namespace weir::media::rtmp
