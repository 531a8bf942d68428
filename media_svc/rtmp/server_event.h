// What a server session tells its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/clock.h"
#include "media_svc/rtmp/error.h"
#include "media_svc/rtmp/message.h"
#include "media_svc/rtmp/stream_address.h"

namespace weir::media::rtmp {

struct HandshakeCompleted {
  // With Adobe's digests (Flash, some encoders), else the plain form of the specification.
  bool digest = false;
};

// connect was answered with success.
struct Connected {
  std::string app;
  std::string tc_url;
  // "FMLE/3.0 (compatible; FMSc/1.0)"…; as the client sent it, not to be trusted.
  std::string client_software;
  // Enhanced RTMP v2, capsEx bit 1: takes a ReconnectRequest.
  bool can_reconnect = false;
};

// Waits for `accept_publish` or `refuse_publish`.
struct PublishRequested {
  std::uint32_t stream_id = 0;
  StreamAddress address = {};
};

// Waits for `accept_play` or `refuse_play`.
struct PlayRequested {
  std::uint32_t stream_id = 0;
  StreamAddress address = {};
  // After so long the client wants no more.
  std::optional<Duration> duration = std::nullopt;
};

// Audio, video or data (always AMF0, without @setDataFrame) of a publish, accepted or pending.
struct MediaReceived {
  Message message;
};

// The publisher ended it. Not sent after refuse_publish or end_publish.
struct PublishEnded {
  std::uint32_t stream_id = 0;
  // False: it leaves because it was asked to move.
  bool completed = true;
};

struct PlayEnded {
  std::uint32_t stream_id = 0;
};

struct PauseChanged {
  std::uint32_t stream_id = 0;
  bool paused = false;
};

// Live streams have no past: already answered, for information.
struct SeekRequested {
  std::uint32_t stream_id = 0;
  std::uint32_t position = 0;
};

struct ReceiveAudioChanged {
  std::uint32_t stream_id = 0;
  bool enabled = true;
};

// Where it is enabled again, the client was told of a seek: it goes on at a keyframe.
struct ReceiveVideoChanged {
  std::uint32_t stream_id = 0;
  bool enabled = true;
};

// The last event: flush `output()` and close.
struct ProtocolFault {
  Fault fault;
};

using ServerEvent =
    std::variant<HandshakeCompleted, Connected, PublishRequested, PlayRequested, MediaReceived,
                 PublishEnded, PlayEnded, PauseChanged, SeekRequested, ReceiveAudioChanged,
                 ReceiveVideoChanged, ProtocolFault>;

}  // namespace weir::media::rtmp
