// Tag bodies made byte by byte, in the old form and in that of Enhanced RTMP v2, which the encoders
// at hand do not speak. RTMP carries them as message payloads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/shared_bytes.h"
#include "media_svc/flv/tag.h"

namespace weir::support {

using Bytes = std::vector<std::uint8_t>;

// The old form.
Bytes avc_configuration(const Bytes& record);
Bytes avc_frame(bool keyframe, const Bytes& coded, std::int32_t composition_time = 0);
Bytes aac_configuration(const Bytes& record = {0x12, 0x10});
Bytes aac_frame(const Bytes& coded);
Bytes mp3_frame(const Bytes& coded);
// An onMetaData of numbers.
Bytes on_metadata(const std::vector<std::pair<std::string, double>>& numbers);

// The packet types by their numbers on the wire.
namespace packet {
inline constexpr std::uint8_t kSequenceStart = 0;
inline constexpr std::uint8_t kCodedFrames = 1;
inline constexpr std::uint8_t kSequenceEnd = 2;
inline constexpr std::uint8_t kCodedFramesX = 3;
inline constexpr std::uint8_t kVideoMetadata = 4;
inline constexpr std::uint8_t kMultichannelConfig = 4;
inline constexpr std::uint8_t kMpeg2TsSequenceStart = 5;
}  // namespace packet

enum class Tracks : std::uint8_t { kOne = 0, kMany = 1, kManyWithCodecs = 2, kNone = 0xFF };

struct ExTrack {
  std::uint8_t id = 0;
  // Only written where each track names its own.
  std::string four_cc;
  Bytes body;
};

struct ModEx {
  std::uint8_t type = 0;
  Bytes bytes;
};

// Everything that an extended header can say.
struct ExTag {
  media::flv::TagType type = media::flv::TagType::kVideo;
  bool keyframe = false;
  std::uint8_t packet = packet::kCodedFrames;
  std::string four_cc = "hvc1";
  std::vector<ModEx> modifiers;
  Tracks form = Tracks::kNone;
  // Exactly one unless `form` allows more.
  std::vector<ExTrack> tracks;
};

Bytes ex_tag(const ExTag& tag);
// A tag of one plain track.
Bytes ex_video(std::string_view four_cc, std::uint8_t packet, bool keyframe, const Bytes& body);
Bytes ex_audio(std::string_view four_cc, std::uint8_t packet, const Bytes& body);
// TimestampOffsetNano.
ModEx nanosecond_offset(std::uint32_t nanoseconds);

struct TimedTag {
  media::flv::TagType type = media::flv::TagType::kVideo;
  std::uint32_t timestamp = 0;
  SharedBytes body;
};

// A whole stream as an encoder would send it: description, configurations, then media of 25
// pictures a second with an audio tag after each. Payloads carry the number of the picture, so
// that losses and doubles show.
struct StreamShape {
  // FourCCs; "" leaves the kind out. "avc1" and "mp4a" are written in the old form unless
  // `extended`.
  std::string video = "avc1";
  std::string audio = "mp4a";
  bool extended = false;
  // More than 1: each video tag carries so many tracks.
  std::uint8_t video_tracks = 1;
  Tracks form = Tracks::kMany;
  bool with_nanoseconds = false;
  int pictures = 100;
  int gop = 25;
  std::size_t picture_bytes = 1000;
  std::uint32_t first_timestamp = 0;
};

std::vector<TimedTag> make_stream(const StreamShape& shape);

}  // namespace weir::support
