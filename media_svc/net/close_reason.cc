#include "media_svc/net/close_reason.h"

#include "common/log/log.h"

namespace weir::media::net {

std::string_view label(CloseReason reason) {
  switch (reason) {
    case CloseReason::kPeerClosed:
      return "peer_closed";
    case CloseReason::kPeerReset:
      return "peer_reset";
    case CloseReason::kUnacknowledged:
      return "unacknowledged";
    case CloseReason::kProtocolFault:
      return "protocol_fault";
    case CloseReason::kHandshakeTimeout:
      return "handshake_timeout";
    case CloseReason::kNoStream:
      return "no_stream";
    case CloseReason::kSilence:
      return "silence";
    case CloseReason::kEgressLag:
      return "egress_lag";
    case CloseReason::kPendingMedia:
      return "pending_media";
    case CloseReason::kEndedByControl:
      return "ended_by_control";
    case CloseReason::kMoved:
      return "moved";
    case CloseReason::kShutdown:
      return "shutdown";
  }
  return "unknown";
}

bool is_client_gone(CloseReason reason) {
  return reason == CloseReason::kPeerClosed || reason == CloseReason::kPeerReset ||
         reason == CloseReason::kUnacknowledged;
}

bool is_remarkable(CloseReason reason) {
  return !is_client_gone(reason) && reason != CloseReason::kEndedByControl &&
         reason != CloseReason::kMoved && reason != CloseReason::kShutdown;
}

bool is_logged(CloseReason reason) {
  return is_remarkable(reason) || log::writes(log::Level::kDebug);
}

void log_closed(const std::string& peer, CloseReason reason) {
  const auto write_line = is_remarkable(reason) ? log::warn : log::debug;
  write_line("connection.closed", {{"peer", peer}, {"reason", label(reason)}}, "connection closed",
             std::source_location::current());
}

}  // namespace weir::media::net
