// Frames as the hub's tests need them: told apart by a number in their payload.
#pragma once

#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

#include "media_svc/hub/frame.h"
#include "tests/support/tag_generator.h"

namespace weir::media::hub {

inline constexpr std::size_t kFrameBytes = 105;

inline support::Bytes numbered(std::uint8_t number) { return support::Bytes(100, number); }

inline FrameHandle video(bool keyframe, std::uint8_t number, std::uint32_t timestamp = 0) {
  return Frame::make(flv::TagType::kVideo, timestamp,
                     SharedBytes::copy_of(support::avc_frame(keyframe, numbered(number))));
}
inline FrameHandle key(std::uint8_t number, std::uint32_t timestamp = 0) {
  return video(true, number, timestamp);
}
inline FrameHandle inter(std::uint8_t number, std::uint32_t timestamp = 0) {
  return video(false, number, timestamp);
}
inline FrameHandle audio(std::uint8_t number, std::uint32_t timestamp = 0) {
  return Frame::make(flv::TagType::kAudio, timestamp,
                     SharedBytes::copy_of(support::aac_frame(numbered(number))));
}
inline FrameHandle video_configuration(std::uint8_t number) {
  return Frame::make(flv::TagType::kVideo, 0,
                     SharedBytes::copy_of(support::avc_configuration(numbered(number))));
}
inline FrameHandle audio_configuration(std::uint8_t number) {
  return Frame::make(flv::TagType::kAudio, 0,
                     SharedBytes::copy_of(support::aac_configuration(numbered(number))));
}
inline FrameHandle metadata(std::uint8_t number) {
  return Frame::make(
      flv::TagType::kScript, 0,
      SharedBytes::copy_of(support::on_metadata({{"number", static_cast<double>(number)}})));
}

// The sequence header of some tracks of a multitrack stream.
inline FrameHandle track_start(support::Tracks form, std::vector<support::ExTrack> tracks) {
  support::ExTag tag;
  tag.packet = support::packet::kSequenceStart;
  tag.keyframe = true;
  tag.form = form;
  tag.tracks = std::move(tracks);
  return Frame::make(flv::TagType::kVideo, 0, SharedBytes::copy_of(ex_tag(tag)));
}

// A picture of one track of a multitrack stream.
inline FrameHandle track_video(bool keyframe, std::uint8_t track, std::uint8_t number) {
  support::ExTag tag;
  tag.keyframe = keyframe;
  tag.form = support::Tracks::kOne;
  tag.tracks = {{track, "", numbered(number)}};
  return Frame::make(flv::TagType::kVideo, 0, SharedBytes::copy_of(ex_tag(tag)));
}

// The end of one track of a multitrack stream.
inline FrameHandle track_end(std::uint8_t track) {
  support::ExTag tag;
  tag.packet = support::packet::kSequenceEnd;
  tag.form = support::Tracks::kOne;
  tag.tracks = {{track, "", {}}};
  return Frame::make(flv::TagType::kVideo, 0, SharedBytes::copy_of(ex_tag(tag)));
}

// What a reader was given: which kind of frame, and its number.
struct Seen {
  char kind;
  int number;
  friend bool operator==(const Seen&, const Seen&) = default;
};

inline void PrintTo(const Seen& seen, std::ostream* out) { *out << seen.kind << seen.number; }

inline Seen seen(const Frame& frame) {
  const auto last = static_cast<int>(*(frame.payload().data() + frame.payload().size() - 1));
  switch (frame.role()) {
    case flv::TagRole::kMetadata:
      return {'m', 0};
    case flv::TagRole::kConfiguration:
      return {frame.type() == flv::TagType::kVideo ? 'V' : 'A', last};
    case flv::TagRole::kKeyframe:
      return {'k', last};
    case flv::TagRole::kMedia:
    case flv::TagRole::kSequenceEnd:
      break;
  }
  return {frame.type() == flv::TagType::kVideo ? 'i' : 'a', last};
}

}  // namespace weir::media::hub
