// What a client session tells its owner.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// The server accepted the connection, or the publish or play (Publish.Start, Play.Start).
struct ClientConnected {};
struct ClientStarted {};

// onStatus or _error with level "error", at any time.
struct ClientRefused {
  std::string code;
  std::string description;
};

// Any other onStatus: Play.UnpublishNotify, Play.Stop, …
struct ClientNotified {
  std::string code;
  std::string description;
};

struct ClientMedia {
  Message message;
};

// Enhanced RTMP v2: come back at `tc_url` (empty: the same place); go on sending until then.
struct ClientReconnectRequested {
  std::string tc_url;
  std::string description;
};

// The last event.
struct ClientFault {
  Fault fault;
};

using ClientEvent = std::variant<ClientConnected, ClientStarted, ClientRefused, ClientNotified,
                                 ClientMedia, ClientReconnectRequested, ClientFault>;

}  // namespace weir::media::rtmp
