// How often the two ends of a gRPC connection may ping each other. The client's interval and the
// server's tolerance stand side by side, as a server closes whoever pings more often than it
// allows.
#pragma once

#include "common/clock.h"

namespace weir::wire {

// A client (media_svc) pings a silent connection so often and gives it up after the timeout.
inline constexpr Duration kClientPingInterval = std::chrono::seconds{10};
inline constexpr Duration kClientPingTimeout = std::chrono::seconds{5};

// A server takes pings this close together, with and without calls; half the client's interval,
// so that a delayed ping never counts as a strike. gRPC's own default is five minutes.
inline constexpr Duration kLeastPingInterval = kClientPingInterval / 2;
// It pings silent clients itself, so that a vanished one does not hold a stream for ever.
inline constexpr Duration kServerPingInterval = std::chrono::seconds{30};
inline constexpr Duration kServerPingTimeout = std::chrono::seconds{10};

}  // namespace weir::wire
