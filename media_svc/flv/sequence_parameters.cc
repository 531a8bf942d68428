#include "media_svc/flv/sequence_parameters.h"

#include <algorithm>

#include "media_svc/flv/bit_reader.h"

namespace weir::media::flv {
namespace {

double rate(std::uint32_t time_scale, double units) {
  return units > 0 ? static_cast<double>(time_scale) / units : 0;
}

// What is cut off two opposite sides; more than there is leaves nothing.
std::uint32_t cropped(std::uint64_t side, std::uint64_t first, std::uint64_t second,
                      std::uint64_t unit) {
  const std::uint64_t cut = (first + second) * unit;
  return cut < side ? static_cast<std::uint32_t>(side - cut) : 0;
}

// Takes the cropping window off the picture. It counts in chroma samples, and in both fields of a
// frame: H.264 section 7.4.2.1.1, HEVC section 7.4.3.2.1.
void crop(PictureFormat& format, BitReader& reader, std::uint32_t chroma, std::uint64_t fields) {
  const std::uint64_t left = reader.ue();
  const std::uint64_t right = reader.ue();
  const std::uint64_t top = reader.ue();
  const std::uint64_t bottom = reader.ue();
  format.width = cropped(format.width, left, right, chroma == 1 || chroma == 2 ? 2 : 1);
  format.height = cropped(format.height, top, bottom, (chroma == 1 ? 2 : 1) * fields);
}

// Profiles whose parameters say more about the chroma, H.264 section 7.3.2.1.1.
bool has_chroma_format(std::uint32_t profile) {
  static constexpr std::uint32_t kProfiles[] = {100, 110, 122, 244, 44,  83, 86,
                                                118, 128, 138, 139, 134, 135};
  return std::ranges::find(kProfiles, profile) != std::end(kProfiles);
}

// scaling_list, H.264 section 7.3.2.1.1.1.
void skip_scaling_list(BitReader& reader, int size) {
  int last = 8;
  int next = 8;
  for (int i = 0; i < size && reader.ok(); ++i) {
    if (next != 0) next = (last + reader.se() % 256 + 256) % 256;
    if (next != 0) last = next;
  }
}

// Returns chroma_format_idc.
std::uint32_t skip_h264_chroma(BitReader& reader) {
  const std::uint32_t chroma = reader.ue();
  if (chroma == 3) reader.flag();
  reader.ue();
  reader.ue();
  reader.flag();
  if (reader.flag()) {
    const int lists = chroma == 3 ? 12 : 8;
    for (int list = 0; list < lists && reader.ok(); ++list) {
      if (reader.flag()) skip_scaling_list(reader, list < 6 ? 16 : 64);
    }
  }
  return chroma;
}

void skip_picture_order_count(BitReader& reader) {
  const std::uint32_t type = reader.ue();
  if (type == 0) reader.ue();
  if (type != 1) return;
  reader.flag();
  reader.se();
  reader.se();
  const std::uint32_t frames = reader.ue();
  for (std::uint32_t i = 0; i < frames && reader.ok(); ++i) reader.se();
}

// vui_parameters up to the timing, H.264 section E.1.1.
double read_h264_frame_rate(BitReader& reader) {
  constexpr std::uint32_t kExtendedAspectRatio = 255;
  if (reader.flag() && reader.bits(8) == kExtendedAspectRatio) reader.skip(32);
  if (reader.flag()) reader.flag();
  if (reader.flag()) {
    reader.skip(4);
    if (reader.flag()) reader.skip(24);
  }
  if (reader.flag()) {
    reader.ue();
    reader.ue();
  }
  if (!reader.flag()) return 0;
  const std::uint32_t units = reader.bits(32);
  const std::uint32_t time_scale = reader.bits(32);
  // A tick is a field: two of them make a picture.
  return rate(time_scale, 2.0 * units);
}

// profile_tier_level, H.265 section 7.3.3.
void skip_hevc_profile(BitReader& reader, std::uint32_t sub_layers) {
  constexpr std::size_t kProfileBits = 88;
  constexpr std::size_t kLevelBits = 8;
  reader.skip(kProfileBits + kLevelBits);
  std::size_t present_bits = 0;
  for (std::uint32_t layer = 0; layer < sub_layers; ++layer) {
    if (reader.flag()) present_bits += kProfileBits;
    if (reader.flag()) present_bits += kLevelBits;
  }
  if (sub_layers > 0) reader.skip(2 * std::size_t{8 - sub_layers});
  reader.skip(present_bits);
}

// timing_info and decoder_model_info, AV1 sections 5.5.3 and 5.5.4. Returns whether there is a
// decoder model, and the width of its numbers.
struct Av1Timing {
  double frame_rate = 0;
  bool has_decoder_model = false;
  unsigned delay_bits = 0;
};

Av1Timing read_av1_timing(BitReader& reader) {
  Av1Timing timing;
  if (!reader.flag()) return timing;
  const std::uint32_t units = reader.bits(32);
  const std::uint32_t time_scale = reader.bits(32);
  // num_ticks_per_picture_minus_1 has the form of an exponential Golomb code.
  if (reader.flag()) timing.frame_rate = rate(time_scale, units * (1.0 + reader.ue()));
  timing.has_decoder_model = reader.flag();
  if (timing.has_decoder_model) {
    timing.delay_bits = reader.bits(5) + 1;
    reader.skip(32 + 5 + 5);
  }
  return timing;
}

void skip_av1_operating_points(BitReader& reader, const Av1Timing& timing) {
  constexpr std::uint32_t kHighestLevelWithoutTier = 7;
  const bool has_display_delay = reader.flag();
  const std::uint32_t points = reader.bits(5) + 1;
  for (std::uint32_t point = 0; point < points; ++point) {
    reader.skip(12);
    if (reader.bits(5) > kHighestLevelWithoutTier) reader.flag();
    if (timing.has_decoder_model && reader.flag()) reader.skip(2 * timing.delay_bits + 1);
    if (has_display_delay && reader.flag()) reader.skip(4);
  }
}

}  // namespace

std::vector<std::uint8_t> without_emulation_prevention(std::span<const std::uint8_t> nal) {
  std::vector<std::uint8_t> payload;
  payload.reserve(nal.size());
  int zeros = 0;
  for (const std::uint8_t byte : nal) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    payload.push_back(byte);
  }
  return payload;
}

std::optional<PictureFormat> read_h264_parameters(std::span<const std::uint8_t> payload) {
  constexpr std::uint64_t kMacroblock = 16;
  BitReader reader(payload);
  const std::uint32_t profile = reader.bits(8);
  reader.skip(16);
  reader.ue();
  const std::uint32_t chroma = has_chroma_format(profile) ? skip_h264_chroma(reader) : 1;
  reader.ue();
  skip_picture_order_count(reader);
  reader.ue();
  reader.flag();
  const std::uint64_t width = (std::uint64_t{reader.ue()} + 1) * kMacroblock;
  const std::uint64_t units = std::uint64_t{reader.ue()} + 1;
  const std::uint64_t fields = reader.flag() ? 1 : 2;
  if (fields == 2) reader.flag();
  reader.flag();
  PictureFormat format{static_cast<std::uint32_t>(width),
                       static_cast<std::uint32_t>(units * fields * kMacroblock), 0};
  if (reader.flag()) crop(format, reader, chroma, fields);
  if (!reader.ok()) return std::nullopt;
  const double frame_rate = reader.flag() ? read_h264_frame_rate(reader) : 0;
  if (reader.ok()) format.frame_rate = frame_rate;
  return format;
}

std::optional<PictureFormat> read_hevc_parameters(std::span<const std::uint8_t> payload) {
  BitReader reader(payload);
  reader.skip(4);
  const std::uint32_t sub_layers = reader.bits(3);
  reader.flag();
  skip_hevc_profile(reader, sub_layers);
  reader.ue();
  const std::uint32_t chroma = reader.ue();
  if (chroma == 3) reader.flag();
  PictureFormat format;
  format.width = reader.ue();
  format.height = reader.ue();
  if (reader.flag()) crop(format, reader, chroma, 1);
  if (!reader.ok()) return std::nullopt;
  return format;
}

std::optional<PictureFormat> read_av1_sequence_header(std::span<const std::uint8_t> payload) {
  BitReader reader(payload);
  reader.skip(3);
  reader.flag();
  PictureFormat format;
  const bool reduced_still_picture = reader.flag();
  if (reduced_still_picture) {
    reader.skip(5);
  } else {
    const Av1Timing timing = read_av1_timing(reader);
    format.frame_rate = timing.frame_rate;
    skip_av1_operating_points(reader, timing);
  }
  const unsigned width_bits = reader.bits(4) + 1;
  const unsigned height_bits = reader.bits(4) + 1;
  format.width = reader.bits(width_bits) + 1;
  format.height = reader.bits(height_bits) + 1;
  if (!reader.ok()) return std::nullopt;
  return format;
}

}  // namespace weir::media::flv
