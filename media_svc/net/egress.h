// What a connection has to send, written in gathered, non-blocking writes.
#pragma once

#include <cstddef>
#include <optional>

#include "common/shared_bytes.h"
#include "media_svc/net/gathering.h"
#include "media_svc/net/transport.h"
#include "media_svc/rtmp/server_session.h"

namespace weir::media::net {

// The sending side of one connection: nothing is queued but the rest of a frame that the socket
// took in part. On its worker.
class Egress {
 public:
  struct Outcome {
    // Frames of the gathering that are sent, or whose rest is kept here: not to be given again.
    std::size_t frames = 0;
    std::size_t bytes = 0;
    // The socket takes no more for now.
    bool blocked = false;
    // Nothing can be sent any more, and why.
    std::optional<IoState> failure = std::nullopt;
  };

  // Sends, in this order: the rest of the last frame, the session's output, the gathered frames.
  Outcome write(Transport& transport, rtmp::ServerSession& session, Gathering& gathering);

 private:
  SharedBytes rest_;
  std::size_t rest_sent_ = 0;
};

}  // namespace weir::media::net
