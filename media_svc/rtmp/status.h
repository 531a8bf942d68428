// The status codes of NetConnection and NetStream, as encoders and players know them.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::media::rtmp {

enum class StatusCode : std::uint8_t {
  kConnectSuccess,
  kConnectInvalidApp,
  kReconnectRequest,
  kPublishStart,
  // The name is in use or cannot be used.
  kPublishBadName,
  // No permission, limit reached, draining; the description says which and when to retry.
  kPublishDenied,
  kUnpublishSuccess,
  kPlayReset,
  kPlayStart,
  kPlayStop,
  kPlayFailed,
  kPlayStreamNotFound,
  kPlayPublishNotify,
  kPlayUnpublishNotify,
  kPauseNotify,
  kUnpauseNotify,
  kSeekNotify,
};

// "NetStream.Publish.Start"…
std::string_view code(StatusCode status);
// "status" or "error": what makes an encoder give up.
std::string_view level(StatusCode status);

}  // namespace weir::media::rtmp
