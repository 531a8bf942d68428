// A frame of the hub as RTMP's bytes, cut once for all players.
#pragma once

#include "common/shared_bytes.h"
#include "media_svc/hub/frame.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::net {

// The frame as a message, for whichever message stream it is rendered.
rtmp::Message message_of(const hub::Frame& frame);
// The frame of a publisher's message. Only audio, video and data come to this.
hub::FrameHandle frame_of(const rtmp::Message& message);
// The bytes for every player that takes the shared rendering; kept with the frame. Any thread.
const SharedBytes& rendered(const hub::Frame& frame);

}  // namespace weir::media::net
