// The sequence headers inside the configuration records, one reader a codec. Each gets the unit's
// payload, behind the unit's own header, as its specification lays it out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "media_svc/flv/decoder_configuration.h"

namespace weir::media::flv {

// A NAL unit's payload without the bytes that keep start codes out (H.264 section 7.4.1).
std::vector<std::uint8_t> without_emulation_prevention(std::span<const std::uint8_t> nal);

// seq_parameter_set_data, H.264 section 7.3.2.1.1.
std::optional<PictureFormat> read_h264_parameters(std::span<const std::uint8_t> payload);
// seq_parameter_set_rbsp, H.265 section 7.3.2.2.
std::optional<PictureFormat> read_hevc_parameters(std::span<const std::uint8_t> payload);
// sequence_header_obu, AV1 section 5.5.
std::optional<PictureFormat> read_av1_sequence_header(std::span<const std::uint8_t> payload);

}  // namespace weir::media::flv
