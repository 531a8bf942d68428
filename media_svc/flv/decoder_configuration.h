// What the configuration record of a video codec says about the pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media_svc/flv/codec.h"

namespace weir::media::flv {

struct PictureFormat {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  // Pictures a second; 0 where the record does not say.
  double frame_rate = 0;
};

// Understands the records of H.264 (AVCDecoderConfigurationRecord, ISO 14496-15 section 5.3.3.1),
// HEVC (8.3.3.1) and AV1 (AV1CodecConfigurationRecord). Nothing for others, and for what makes no
// sense: a format with a side of 0, or beyond what the codecs allow.
std::optional<PictureFormat> picture_format(Codec codec, std::span<const std::uint8_t> record);

}  // namespace weir::media::flv
