#include "tests/load/synthetic_media.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <vector>

#include "media_svc/rtmp/amf0.h"

namespace weir::load {
namespace {

using media::rtmp::MessageType;
using std::chrono::milliseconds;

// A keyframe is as large as this many of the frames between.
constexpr std::uint64_t kKeyframeWeight = 6;
// Several groups of pictures: the audio's odd beat then shows its seam seldom.
constexpr int kGroups = 8;
constexpr double kAudioFrameMs = 1024.0 / 48.0;

// FLV video header (sequence header, AVC) and the avcC of x264, 1280x720, High profile.
constexpr std::array<std::uint8_t, 50> kAvcConfiguration{
    0x17, 0x00, 0x00, 0x00, 0x00, 0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a,
    0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00,
    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60,
    0x01, 0x00, 0x04, 0x68, 0xef, 0x8f, 0xcb, 0xfd, 0xf8, 0xf8, 0x00};
// FLV audio header (sequence header, AAC) and an AudioSpecificConfig: LC, 48 kHz, stereo.
constexpr std::array<std::uint8_t, 4> kAacConfiguration{0xaf, 0x00, 0x11, 0x90};

constexpr std::uint8_t kFiller = 0x55;

ScriptFrame metadata(const SyntheticMedia& media) {
  std::vector<std::uint8_t> body;
  media::rtmp::Amf0Writer writer(body);
  writer.string("@setDataFrame").string("onMetaData").begin_ecma_array(5);
  writer.key("width").number(1280).key("height").number(720);
  writer.key("framerate").number(media.frames_per_second);
  writer.key("videocodecid").number(7).key("audiocodecid").number(10).end_object();
  return {.type = MessageType::kDataAmf0, .body = SharedBytes::copy_of(body)};
}

// The FLV header, then one slice of the wanted size.
ScriptFrame video_frame(milliseconds time, bool keyframe, std::size_t bytes) {
  constexpr std::size_t kHeaders = 5 + 4 + 1;
  std::vector<std::uint8_t> body(std::max(bytes, kHeaders + 1), kFiller);
  const std::size_t nal = body.size() - 9;
  const std::array<std::uint8_t, kHeaders> headers{std::uint8_t(keyframe ? 0x17 : 0x27),
                                                   1,
                                                   0,
                                                   0,
                                                   0,
                                                   std::uint8_t(nal >> 24),
                                                   std::uint8_t(nal >> 16),
                                                   std::uint8_t(nal >> 8),
                                                   std::uint8_t(nal),
                                                   std::uint8_t(keyframe ? 0x65 : 0x41)};
  std::copy(headers.begin(), headers.end(), body.begin());
  return {.type = MessageType::kVideo,
          .time = time,
          .body = SharedBytes::copy_of(body),
          .keyframe = keyframe,
          .takes_stamp = true};
}

ScriptFrame audio_frame(milliseconds time, std::size_t bytes) {
  std::vector<std::uint8_t> body(std::max<std::size_t>(bytes, 3), kFiller);
  body[0] = 0xaf;
  body[1] = 0x01;
  return {.type = MessageType::kAudio, .time = time, .body = SharedBytes::copy_of(body)};
}

std::vector<ScriptFrame> video_frames(const SyntheticMedia& media) {
  std::vector<ScriptFrame> frames;
  const auto frames_a_group = std::max<std::uint64_t>(
      1,
      media.frames_per_second * static_cast<std::uint64_t>(media.keyframe_interval.count()) / 1000);
  const std::uint64_t bits = media.bit_rate - std::min(media.bit_rate, media.audio_bit_rate);
  const std::uint64_t group_bytes =
      bits * static_cast<std::uint64_t>(media.keyframe_interval.count()) / 8000;
  const std::uint64_t unit = group_bytes / (frames_a_group - 1 + kKeyframeWeight);
  for (std::uint64_t i = 0; i < frames_a_group * kGroups; ++i) {
    const bool keyframe = i % frames_a_group == 0;
    const milliseconds time = media.keyframe_interval * i / frames_a_group;
    const std::uint64_t bytes = (keyframe ? kKeyframeWeight : 1) * unit;
    frames.push_back(
        video_frame(time, keyframe, bytes - std::min<std::uint64_t>(bytes, kStampBytes)));
  }
  return frames;
}

std::vector<ScriptFrame> audio_frames(const SyntheticMedia& media, milliseconds length) {
  std::vector<ScriptFrame> frames;
  if (media.audio_bit_rate == 0) return frames;
  const auto bytes =
      static_cast<std::size_t>(static_cast<double>(media.audio_bit_rate) * kAudioFrameMs / 8000);
  for (int i = 0; i * kAudioFrameMs < static_cast<double>(length.count()); ++i) {
    frames.push_back(audio_frame(milliseconds(static_cast<int>(i * kAudioFrameMs)), bytes));
  }
  return frames;
}

}  // namespace

MediaScript make_script(const SyntheticMedia& media) {
  MediaScript script;
  script.length = media.keyframe_interval * kGroups;
  script.has_video = true;
  script.preamble.push_back(metadata(media));
  script.preamble.push_back(
      {.type = MessageType::kVideo, .body = SharedBytes::copy_of(kAvcConfiguration)});
  if (media.audio_bit_rate > 0) {
    script.preamble.push_back(
        {.type = MessageType::kAudio, .body = SharedBytes::copy_of(kAacConfiguration)});
  }
  std::ranges::merge(video_frames(media), audio_frames(media, script.length),
                     std::back_inserter(script.frames), {}, &ScriptFrame::time, &ScriptFrame::time);
  return script;
}

}  // namespace weir::load
