// AMF3, Adobe's Action Message Format of 2013: what Flash-based encoders may use inside commands.
#pragma once

#include "media_svc/rtmp/amf_input.h"
#include "media_svc/rtmp/amf_value.h"
#include "media_svc/rtmp/error.h"

namespace weir::media::rtmp {

// The next value, with reference tables of its own (each value behind an AMF0 avmplus marker
// starts anew). References to strings are resolved; those to objects, which commands do not use,
// are undefined, so that no cycle and no tree larger than what was sent can arise.
Outcome<AmfValue> read_amf3(AmfInput& input);

}  // namespace weir::media::rtmp
