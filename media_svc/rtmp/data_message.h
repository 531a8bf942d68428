// Data messages (metadata, cue points, captions) in the one form that players get.
#pragma once

#include <optional>

#include "media_svc/rtmp/message.h"

namespace weir::media::rtmp {

// The data message as AMF0 that begins with its name ("onMetaData", "onTextData", …): without the
// zero byte of AMF3's type, the numbers that some encoders put first, and the "@setDataFrame" that
// is meant for the server. Nothing if it is not for players or has no name.
std::optional<Message> to_player_data(const Message& message);

}  // namespace weir::media::rtmp
