// What the body of an FLV tag is. RTMP carries the same bodies in its audio, video and data
// messages.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>

#include "media_svc/flv/codec.h"

namespace weir::media::flv {

// Adobe FLV 10.1, section E.4.1; the same numbers are RTMP's message types.
enum class TagType : std::uint8_t { kAudio = 8, kVideo = 9, kScript = 18 };

// What a tag is for, as far as passing it on is concerned.
enum class TagRole : std::uint8_t {
  // Depends on the frames before it, or stands for itself (audio).
  kMedia,
  // A decoder of its track can start here.
  kKeyframe,
  // A decoder needs it before any media: sequence headers.
  kConfiguration,
  // Describes the stream: onMetaData, and Enhanced RTMP's video metadata (HDR).
  kMetadata,
  // Nothing more of this sequence follows.
  kSequenceEnd,
};

struct TagClass {
  TagRole role = TagRole::kMedia;
  Codec codec = Codec::kUnknown;
  // Of a multitrack body the lowest, whose codec it is: players start with track 0, where there is
  // one.
  std::uint8_t track = 0;
};

// Answers for any bytes: what is not understood, or cut short, is kMedia of an unknown codec, and
// goes through untouched.
TagClass classify(TagType type, std::span<const std::uint8_t> body);

// The tracks of a multitrack body, by their ids; track 0 for every other form.
using TrackSet = std::bitset<256>;
TrackSet tracks_of(TagType type, std::span<const std::uint8_t> body);

}  // namespace weir::media::flv
