#include "media_svc/flv/ex_header.h"

#include "media_svc/flv/byte_reader.h"

namespace weir::media::flv {
namespace {

// SoundFormat 9 announces an extended audio header.
constexpr std::uint8_t kExAudio = 9;
// VideoFrameType 5: a command to the player.
constexpr std::uint8_t kVideoCommand = 5;
// Audio and video ModEx type 0.
constexpr std::uint8_t kTimestampOffsetNano = 0;

PacketType packet_type(TagType type, std::uint8_t number) {
  if (type == TagType::kAudio) {
    switch (number) {
      case 0:
      case 1:
      case 2:
      case 7:
        return static_cast<PacketType>(number);
      case 4:
        return PacketType::kMultichannelConfig;
      case 5:
        return PacketType::kMultitrack;
      default:
        return PacketType::kOther;
    }
  }
  return number <= 7 ? static_cast<PacketType>(number) : PacketType::kOther;
}

TrackForm track_form(std::uint8_t number) {
  switch (number) {
    case 0:
      return TrackForm::kOneTrack;
    case 1:
      return TrackForm::kManyTracks;
    default:
      return TrackForm::kManyTracksManyCodecs;
  }
}

// Follows a chain of modifiers to the packet type behind it.
PacketType skip_modifiers(TagType type, PacketType packet, ByteReader& reader, ExHeader& header) {
  while (packet == PacketType::kModEx && reader.ok()) {
    std::size_t size = std::size_t{reader.u8()} + 1;
    if (size == 256) size = std::size_t{reader.u16()} + 1;
    const auto modifier = reader.take(size);
    const std::uint8_t types = reader.u8();
    if (types >> 4 == kTimestampOffsetNano && modifier.size() >= 3) {
      header.nanosecond_offset = ByteReader(modifier).u24();
    }
    packet = packet_type(type, types & 0x0F);
  }
  return packet;
}

}  // namespace

bool is_extended(TagType type, std::span<const std::uint8_t> tag) {
  if (tag.empty()) return false;
  switch (type) {
    case TagType::kAudio:
      return tag[0] >> 4 == kExAudio;
    case TagType::kVideo:
      return (tag[0] & 0x80) != 0;
    case TagType::kScript:
      return false;
  }
  return false;
}

std::optional<ExHeader> read_ex_header(TagType type, std::span<const std::uint8_t> tag) {
  ByteReader reader(tag);
  const std::uint8_t first = reader.u8();
  ExHeader header;
  header.packet = skip_modifiers(type, packet_type(type, first & 0x0F), reader, header);
  const bool command = type == TagType::kVideo && (first >> 4 & 0x07) == kVideoCommand;
  if (command && header.packet != PacketType::kVideoMetadata) return std::nullopt;

  if (header.packet == PacketType::kMultitrack) {
    const std::uint8_t types = reader.u8();
    header.form = track_form(types >> 4);
    header.packet = packet_type(type, types & 0x0F);
    // Tracks hold neither tracks nor modifiers.
    if (header.packet == PacketType::kMultitrack || header.packet == PacketType::kModEx) {
      return std::nullopt;
    }
  }
  if (header.form != TrackForm::kManyTracksManyCodecs)
    header.codec = codec_of_four_cc(reader.u32());
  if (!reader.ok()) return std::nullopt;
  header.body = reader.rest();
  return header;
}

std::optional<Track> TrackReader::next() {
  if (done_) return std::nullopt;
  if (header_.form == TrackForm::kSingle) {
    done_ = true;
    return Track{0, header_.codec, rest_};
  }
  ByteReader reader(rest_);
  Track track{0, header_.codec, {}};
  if (header_.form == TrackForm::kManyTracksManyCodecs)
    track.codec = codec_of_four_cc(reader.u32());
  track.id = reader.u8();
  if (header_.form == TrackForm::kOneTrack) {
    track.body = reader.take(reader.rest().size());
  } else {
    track.body = reader.take(reader.u24());
  }
  rest_ = reader.rest();
  done_ = rest_.empty();
  if (!reader.ok()) return std::nullopt;
  return track;
}

}  // namespace weir::media::flv
