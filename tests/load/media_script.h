// What a publisher sends: the messages of a stream, to be repeated for as long as it publishes.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "common/shared_bytes.h"
#include "media_svc/rtmp/message.h"
#include "tests/load/stamp.h"

namespace weir::load {

// One audio, video or data message.
struct ScriptFrame {
  media::rtmp::MessageType type = media::rtmp::MessageType::kVideo;
  // From the beginning of the script.
  std::chrono::milliseconds time{};
  SharedBytes body;
  // A decoder can start here: where a publisher that fell behind goes on.
  bool keyframe = false;
  // H.264 video with four-byte lengths, so that `stamped` may put the time inside.
  bool takes_stamp = false;
};

// Immutable once made; shared by all publishers.
struct MediaScript {
  // Metadata and codec configuration: sent once, before the frames.
  std::vector<ScriptFrame> preamble;
  std::vector<ScriptFrame> frames;
  std::chrono::milliseconds length{};
  bool has_video = false;
};

// The frame's body with `sent` inside, if it takes one.
SharedBytes stamped(const ScriptFrame& frame, Time sent);

}  // namespace weir::load
