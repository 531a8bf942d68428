#include "media_svc/flv/tag.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "media_svc/flv/byte_reader.h"
#include "media_svc/flv/ex_header.h"

namespace weir::media::flv {
namespace {

// VideoFrameType, FLV 10.1 section E.4.3.1.
constexpr std::uint8_t kKeyFrame = 1;
constexpr std::uint8_t kGeneratedKeyFrame = 4;

// AVCPacketType and AACPacketType.
constexpr std::uint8_t kSequenceHeader = 0;
constexpr std::uint8_t kAvcEndOfSequence = 2;

Codec legacy_video_codec(std::uint8_t id) {
  switch (id) {
    case 2:
      return Codec::kSorensonH263;
    case 3:
    case 6:
      return Codec::kScreenVideo;
    case 4:
    case 5:
      return Codec::kVp6;
    case 7:
      return Codec::kH264;
    // Not Adobe's: many encoders and CDNs number HEVC and AV1 so, laid out as AVC is.
    case 12:
      return Codec::kHevc;
    case 13:
      return Codec::kAv1;
    default:
      return Codec::kUnknown;
  }
}

Codec legacy_audio_codec(std::uint8_t format) {
  switch (format) {
    case 0:
    case 3:
      return Codec::kPcm;
    case 1:
      return Codec::kAdpcm;
    case 2:
    case 14:
      return Codec::kMp3;
    case 4:
    case 5:
    case 6:
      return Codec::kNellymoser;
    case 7:
      return Codec::kG711A;
    case 8:
      return Codec::kG711Mu;
    case 10:
      return Codec::kAac;
    case 11:
      return Codec::kSpeex;
    default:
      return Codec::kUnknown;
  }
}

bool is_key(std::uint8_t first_byte) {
  const std::uint8_t frame_type = first_byte >> 4 & 0x07;
  return frame_type == kKeyFrame || frame_type == kGeneratedKeyFrame;
}

bool has_packet_type(Codec codec) {
  return codec == Codec::kH264 || codec == Codec::kHevc || codec == Codec::kAv1;
}

TagClass classify_legacy_video(std::span<const std::uint8_t> body) {
  TagClass tag{TagRole::kMedia, legacy_video_codec(body[0] & 0x0F)};
  if (is_key(body[0])) tag.role = TagRole::kKeyframe;
  if (!has_packet_type(tag.codec)) return tag;
  if (body.size() < 2) return {TagRole::kMedia, tag.codec};
  if (body[1] == kSequenceHeader) tag.role = TagRole::kConfiguration;
  if (body[1] == kAvcEndOfSequence) tag.role = TagRole::kSequenceEnd;
  return tag;
}

TagClass classify_legacy_audio(std::span<const std::uint8_t> body) {
  TagClass tag{TagRole::kMedia, legacy_audio_codec(body[0] >> 4)};
  if (tag.codec == Codec::kAac && body.size() >= 2 && body[1] == kSequenceHeader) {
    tag.role = TagRole::kConfiguration;
  }
  return tag;
}

// Nothing where no track is whole.
std::optional<Track> lowest_track(const ExHeader& header) {
  TrackReader tracks(header);
  std::optional<Track> lowest;
  while (const auto track = tracks.next()) {
    if (!lowest || track->id < lowest->id) lowest = track;
  }
  return lowest;
}

TagClass classify_extended(TagType type, std::span<const std::uint8_t> body) {
  const auto header = read_ex_header(type, body);
  if (!header) return {};
  TagClass tag{.codec = header->codec};
  const auto track = lowest_track(*header);
  if (track) tag = {.codec = track->codec, .track = track->id};
  switch (header->packet) {
    case PacketType::kSequenceStart:
    case PacketType::kMpeg2TsSequenceStart:
      tag.role = TagRole::kConfiguration;
      break;
    case PacketType::kSequenceEnd:
      tag.role = TagRole::kSequenceEnd;
      break;
    case PacketType::kVideoMetadata:
    case PacketType::kMultichannelConfig:
      tag.role = TagRole::kMetadata;
      break;
    case PacketType::kCodedFrames:
    case PacketType::kCodedFramesX:
      if (type == TagType::kVideo && track && is_key(body[0])) tag.role = TagRole::kKeyframe;
      break;
    case PacketType::kMultitrack:
    case PacketType::kModEx:
    case PacketType::kOther:
      break;
  }
  return tag;
}

TagClass classify_script(std::span<const std::uint8_t> body) {
  // AMF0 string marker (section 2.4), then its length.
  constexpr std::uint8_t kAmf0String = 2;
  constexpr std::string_view kOnMetaData = "onMetaData";
  ByteReader reader(body);
  if (reader.u8() != kAmf0String) return {};
  const auto text = reader.take(reader.u16());
  const bool is_metadata = std::ranges::equal(text, kOnMetaData);
  return {is_metadata ? TagRole::kMetadata : TagRole::kMedia, Codec::kUnknown};
}

}  // namespace

TagClass classify(TagType type, std::span<const std::uint8_t> body) {
  if (body.empty()) return {};
  if (is_extended(type, body)) return classify_extended(type, body);
  switch (type) {
    case TagType::kAudio:
      return classify_legacy_audio(body);
    case TagType::kVideo:
      return classify_legacy_video(body);
    case TagType::kScript:
      return classify_script(body);
  }
  return {};
}

TrackSet tracks_of(TagType type, std::span<const std::uint8_t> body) {
  TrackSet tracks;
  if (is_extended(type, body)) {
    if (const auto header = read_ex_header(type, body)) {
      TrackReader reader(*header);
      while (const auto track = reader.next()) tracks.set(track->id);
    }
  }
  if (tracks.none()) tracks.set(0);
  return tracks;
}

}  // namespace weir::media::flv
