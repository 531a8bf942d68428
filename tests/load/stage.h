// What all clients of a run share.
#pragma once

#include <cstdint>
#include <optional>

#include "media_svc/rtmp/client_session.h"
#include "tests/load/event_loop.h"
#include "tests/load/media_script.h"
#include "tests/load/meter.h"
#include "tests/load/options.h"
#include "tests/load/socket.h"

namespace weir::load {

// Outlives every client. Used on the loop's thread.
struct Stage {
  const Options& options;
  const MediaScript& script;
  SocketAddress address;
  EventLoop& loop;
  Meter& meter;
  std::uint64_t next_client = 0;

  // The session of a new connection; none in raw mode.
  std::optional<media::rtmp::ClientSession::Options> new_session(
      media::rtmp::ClientSession::Role role, std::uint64_t stream);
};

}  // namespace weir::load
