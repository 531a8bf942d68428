// The extended tag headers of Enhanced RTMP v2 ("Extended AudioTagHeader", "Extended
// VideoTagHeader"): FourCC codecs, modifiers and several tracks in one tag.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "media_svc/flv/codec.h"
#include "media_svc/flv/tag.h"

namespace weir::media::flv {

// AudioPacketType and VideoPacketType. The two agree but for 4 and 5, which are named apart here.
enum class PacketType : std::uint8_t {
  kSequenceStart = 0,
  kCodedFrames = 1,
  kSequenceEnd = 2,
  // Video only: coded frames with a composition time of 0, left out.
  kCodedFramesX = 3,
  // 4 and 5 on the wire, by kind.
  kVideoMetadata = 4,
  kMpeg2TsSequenceStart = 5,
  kMultichannelConfig = 0x14,
  // 6 on the wire for video, 5 for audio.
  kMultitrack = 6,
  kModEx = 7,
  // Reserved numbers.
  kOther = 0xFF,
};

// AvMultitrackType, and the plain form.
enum class TrackForm : std::uint8_t { kSingle, kOneTrack, kManyTracks, kManyTracksManyCodecs };

struct ExHeader {
  PacketType packet = PacketType::kOther;
  TrackForm form = TrackForm::kSingle;
  // Of all tracks; kUnknown where each names its own.
  Codec codec = Codec::kUnknown;
  // From a ModEx of type TimestampOffsetNano; added to the tag's milliseconds.
  std::uint32_t nanosecond_offset = 0;
  // Where the tracks begin.
  std::span<const std::uint8_t> body;
};

// Whether the tag says that its header is an extended one.
bool is_extended(TagType type, std::span<const std::uint8_t> tag);

// The header of an extended tag; nothing where it is cut short, or is a video command (a frame
// type that has no tracks).
std::optional<ExHeader> read_ex_header(TagType type, std::span<const std::uint8_t> tag);

struct Track {
  std::uint8_t id = 0;
  Codec codec = Codec::kUnknown;
  std::span<const std::uint8_t> body;
};

// Goes through the tracks of a tag. Stops at the first that is cut short.
class TrackReader {
 public:
  explicit TrackReader(const ExHeader& header) : header_(header), rest_(header.body) {}
  std::optional<Track> next();

 private:
  const ExHeader& header_;
  std::span<const std::uint8_t> rest_;
  bool done_ = false;
};

}  // namespace weir::media::flv
