#include "media_svc/flv/decoder_configuration.h"

#include "media_svc/flv/byte_reader.h"
#include "media_svc/flv/sequence_parameters.h"

namespace weir::media::flv {
namespace {

// The largest side that any level of the three codecs allows, and more.
constexpr std::uint32_t kMaxSide = 65'536;

std::optional<PictureFormat> from_avc_record(std::span<const std::uint8_t> record) {
  ByteReader reader(record);
  // Version, profile, compatibility, level, size of lengths.
  reader.take(5);
  const unsigned sets = reader.u8() & 0x1F;
  if (sets == 0) return std::nullopt;
  const auto nal = reader.take(reader.u16());
  if (nal.empty()) return std::nullopt;
  return read_h264_parameters(without_emulation_prevention(nal.subspan(1)));
}

std::optional<PictureFormat> from_hevc_record(std::span<const std::uint8_t> record) {
  constexpr std::uint8_t kSequenceParameters = 33;
  ByteReader reader(record);
  // Everything up to numOfArrays.
  reader.take(22);
  const unsigned arrays = reader.u8();
  for (unsigned array = 0; array < arrays && reader.ok(); ++array) {
    const std::uint8_t type = reader.u8() & 0x3F;
    const unsigned units = reader.u16();
    for (unsigned unit = 0; unit < units && reader.ok(); ++unit) {
      const auto nal = reader.take(reader.u16());
      if (type != kSequenceParameters || nal.size() < 2) continue;
      return read_hevc_parameters(without_emulation_prevention(nal.subspan(2)));
    }
  }
  return std::nullopt;
}

// leb128, AV1 section 4.10.5.
std::uint64_t read_leb128(ByteReader& reader) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint8_t byte = reader.u8();
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

std::optional<PictureFormat> from_av1_record(std::span<const std::uint8_t> record) {
  constexpr std::uint8_t kSequenceHeader = 1;
  ByteReader reader(record);
  reader.take(4);
  while (reader.ok() && !reader.rest().empty()) {
    // OBU header, AV1 section 5.3.2.
    const std::uint8_t header = reader.u8();
    if ((header & 0x04) != 0) reader.u8();
    const bool has_size = (header & 0x02) != 0;
    const auto payload = reader.take(has_size ? read_leb128(reader) : reader.rest().size());
    if ((header >> 3 & 0x0F) == kSequenceHeader) return read_av1_sequence_header(payload);
  }
  return std::nullopt;
}

std::optional<PictureFormat> read_record(Codec codec, std::span<const std::uint8_t> record) {
  if (codec == Codec::kH264) return from_avc_record(record);
  if (codec == Codec::kHevc) return from_hevc_record(record);
  if (codec == Codec::kAv1) return from_av1_record(record);
  return std::nullopt;
}

}  // namespace

std::optional<PictureFormat> picture_format(Codec codec, std::span<const std::uint8_t> record) {
  const auto format = read_record(codec, record);
  const auto sane = [](std::uint32_t side) { return side > 0 && side <= kMaxSide; };
  if (!format || !sane(format->width) || !sane(format->height)) return std::nullopt;
  return format;
}

}  // namespace weir::media::flv
