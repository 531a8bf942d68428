// Why a connection ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::media::net {

enum class CloseReason : std::uint8_t {
  kPeerClosed,
  kPeerReset,
  // It acknowledged nothing for too long.
  kUnacknowledged,
  kProtocolFault,
  kHandshakeTimeout,
  kNoStream,
  kSilence,
  kEgressLag,
  kPendingMedia,
  kEndedByControl,
  kMoved,
  kShutdown,
};

// The word for logs.
std::string_view label(CloseReason reason);
// Whether the client left by itself, or was lost.
bool is_client_gone(CloseReason reason);
// Whether the peer's software or a limit is to be looked at, rather than a client that left.
bool is_remarkable(CloseReason reason);
// Whether the log takes a line of it.
bool is_logged(CloseReason reason);
// A warning where it is remarkable.
void log_closed(const std::string& peer, CloseReason reason);

}  // namespace weir::media::net
