#include "tests/support/tag_generator.h"

#include <bit>
#include <stdexcept>

namespace weir::support {
namespace {

using media::flv::TagType;

constexpr std::uint8_t kMultitrackVideo = 6;
constexpr std::uint8_t kMultitrackAudio = 5;
constexpr std::uint8_t kModEx = 7;

void put(Bytes& out, std::uint64_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void put(Bytes& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void put(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes joined(Bytes head, const Bytes& tail) {
  put(head, tail);
  return head;
}

// The chain of modifiers after the first byte; the last names the packet type behind it.
void put_modifiers(Bytes& out, const std::vector<ModEx>& modifiers, std::uint8_t last_packet) {
  for (std::size_t i = 0; i < modifiers.size(); ++i) {
    const ModEx& modifier = modifiers[i];
    if (modifier.bytes.empty()) throw std::invalid_argument("a ModEx holds at least one byte");
    if (modifier.bytes.size() < 256) {
      put(out, modifier.bytes.size() - 1, 1);
    } else {
      put(out, 255, 1);
      put(out, modifier.bytes.size() - 1, 2);
    }
    put(out, modifier.bytes);
    const std::uint8_t next = i + 1 < modifiers.size() ? kModEx : last_packet;
    put(out, static_cast<std::uint8_t>(modifier.type << 4 | next), 1);
  }
}

bool has_composition_time(std::string_view four_cc, std::uint8_t packet) {
  return packet == packet::kCodedFrames && (four_cc == "avc1" || four_cc == "hvc1");
}

Bytes coded_picture(std::string_view four_cc, std::uint8_t packet, int number, std::size_t size) {
  Bytes body;
  if (has_composition_time(four_cc, packet)) put(body, 0, 3);
  put(body, static_cast<std::uint64_t>(number), 8);
  while (body.size() < size) body.push_back(static_cast<std::uint8_t>(number));
  return body;
}

Bytes extended_video(const StreamShape& shape, std::uint8_t packet, bool keyframe, int number) {
  ExTag tag;
  tag.packet = packet;
  tag.keyframe = keyframe;
  tag.four_cc = shape.video;
  if (shape.with_nanoseconds) tag.modifiers.push_back(nanosecond_offset(500'000));
  if (shape.video_tracks > 1) tag.form = shape.form;
  for (std::uint8_t track = 0; track < shape.video_tracks; ++track) {
    tag.tracks.push_back(
        {track, shape.video, coded_picture(shape.video, packet, number, shape.picture_bytes)});
  }
  return ex_tag(tag);
}

Bytes video_tag(const StreamShape& shape, std::uint8_t packet, bool keyframe, int number) {
  if (shape.video != "avc1" || shape.extended) {
    return extended_video(shape, packet, keyframe, number);
  }
  const Bytes coded = coded_picture("", packet, number, shape.picture_bytes);
  return packet == packet::kSequenceStart ? avc_configuration(coded) : avc_frame(keyframe, coded);
}

Bytes audio_tag(const StreamShape& shape, std::uint8_t packet, int number) {
  constexpr std::size_t kAudioBytes = 200;
  const Bytes coded = coded_picture("", packet, number, kAudioBytes);
  if (shape.audio != "mp4a" || shape.extended) return ex_audio(shape.audio, packet, coded);
  return packet == packet::kSequenceStart ? aac_configuration() : aac_frame(coded);
}

}  // namespace

Bytes avc_configuration(const Bytes& record) { return joined({0x17, 0, 0, 0, 0}, record); }

Bytes avc_frame(bool keyframe, const Bytes& coded, std::int32_t composition_time) {
  Bytes body{static_cast<std::uint8_t>(keyframe ? 0x17 : 0x27), 1};
  put(body, static_cast<std::uint32_t>(composition_time), 3);
  return joined(body, coded);
}

Bytes aac_configuration(const Bytes& record) { return joined({0xAF, 0}, record); }

Bytes aac_frame(const Bytes& coded) { return joined({0xAF, 1}, coded); }

Bytes mp3_frame(const Bytes& coded) { return joined({0x2F}, coded); }

Bytes on_metadata(const std::vector<std::pair<std::string, double>>& numbers) {
  constexpr std::uint8_t kNumber = 0;
  constexpr std::uint8_t kString = 2;
  constexpr std::uint8_t kEcmaArray = 8;
  constexpr std::uint32_t kObjectEnd = 9;
  Bytes body{kString};
  put(body, 10, 2);
  put(body, "onMetaData");
  body.push_back(kEcmaArray);
  put(body, numbers.size(), 4);
  for (const auto& [name, number] : numbers) {
    put(body, name.size(), 2);
    put(body, name);
    body.push_back(kNumber);
    put(body, std::bit_cast<std::uint64_t>(number), 8);
  }
  put(body, kObjectEnd, 3);
  return body;
}

Bytes ex_tag(const ExTag& tag) {
  const bool video = tag.type == TagType::kVideo;
  const bool multitrack = tag.form != Tracks::kNone;
  const std::uint8_t multitrack_packet = video ? kMultitrackVideo : kMultitrackAudio;
  const std::uint8_t first_packet = multitrack ? multitrack_packet : tag.packet;
  const std::uint8_t written_packet = tag.modifiers.empty() ? first_packet : kModEx;
  const auto frame_type = static_cast<std::uint8_t>(tag.keyframe ? 0x10 : 0x20);
  const auto kind = static_cast<std::uint8_t>(video ? 0x80 | frame_type : 0x90);

  Bytes out{static_cast<std::uint8_t>(kind | written_packet)};
  put_modifiers(out, tag.modifiers, first_packet);
  if (multitrack) {
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint8_t>(tag.form) << 4 | tag.packet));
  }
  if (tag.form != Tracks::kManyWithCodecs) put(out, tag.four_cc);
  for (const ExTrack& track : tag.tracks) {
    if (tag.form == Tracks::kManyWithCodecs) put(out, track.four_cc);
    if (multitrack) out.push_back(track.id);
    if (multitrack && tag.form != Tracks::kOne) put(out, track.body.size(), 3);
    put(out, track.body);
  }
  return out;
}

Bytes ex_video(std::string_view four_cc, std::uint8_t packet, bool keyframe, const Bytes& body) {
  ExTag tag;
  tag.packet = packet;
  tag.keyframe = keyframe;
  tag.four_cc = four_cc;
  tag.tracks = {{0, "", body}};
  return ex_tag(tag);
}

Bytes ex_audio(std::string_view four_cc, std::uint8_t packet, const Bytes& body) {
  ExTag tag;
  tag.type = TagType::kAudio;
  tag.packet = packet;
  tag.four_cc = four_cc;
  tag.tracks = {{0, "", body}};
  return ex_tag(tag);
}

ModEx nanosecond_offset(std::uint32_t nanoseconds) {
  ModEx modifier;
  put(modifier.bytes, nanoseconds, 3);
  return modifier;
}

std::vector<TimedTag> make_stream(const StreamShape& shape) {
  constexpr std::uint32_t kPictureMilliseconds = 40;
  std::vector<TimedTag> stream;
  const auto add = [&](TagType type, std::uint32_t timestamp, const Bytes& body) {
    stream.push_back({type, shape.first_timestamp + timestamp, SharedBytes::copy_of(body)});
  };
  add(TagType::kScript, 0, on_metadata({{"framerate", 25}}));
  if (!shape.video.empty()) {
    add(TagType::kVideo, 0, video_tag(shape, packet::kSequenceStart, true, 0));
  }
  if (!shape.audio.empty()) add(TagType::kAudio, 0, audio_tag(shape, packet::kSequenceStart, 0));
  for (int picture = 0; picture < shape.pictures; ++picture) {
    const std::uint32_t timestamp = static_cast<std::uint32_t>(picture) * kPictureMilliseconds;
    const bool keyframe = picture % shape.gop == 0;
    if (!shape.video.empty()) {
      add(TagType::kVideo, timestamp, video_tag(shape, packet::kCodedFrames, keyframe, picture));
    }
    if (!shape.audio.empty()) {
      add(TagType::kAudio, timestamp, audio_tag(shape, packet::kCodedFrames, picture));
    }
  }
  return stream;
}

}  // namespace weir::support
