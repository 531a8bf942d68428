// What connect says of Enhanced RTMP v2 ("Enhancing NetConnection connect Command").
#pragma once

#include <cstdint>

#include "media_svc/rtmp/amf0.h"
#include "media_svc/rtmp/amf_value.h"

namespace weir::media::rtmp {

// Bits of `capsEx`.
inline constexpr std::uint32_t kCapsReconnect = 1;
inline constexpr std::uint32_t kCapsMultitrack = 2;
inline constexpr std::uint32_t kCapsModEx = 4;
inline constexpr std::uint32_t kCapsTimestampNanoOffset = 8;

// The `capsEx` of a connect's command object; 0 for clients that know nothing of it.
std::uint32_t caps_ex(const AmfObject& connect);

// Appends fourCcList, videoFourCcInfoMap, audioFourCcInfoMap and capsEx to an open object: the
// server forwards every codec that the specification names.
void write_server_capabilities(Amf0Writer& writer);

}  // namespace weir::media::rtmp
