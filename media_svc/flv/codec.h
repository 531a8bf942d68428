// The codecs that FLV and Enhanced RTMP name.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::media::flv {

enum class Codec : std::uint8_t {
  kUnknown,
  // Video.
  kSorensonH263,
  kScreenVideo,
  kVp6,
  kH264,
  kHevc,
  kVvc,
  kVp8,
  kVp9,
  kAv1,
  // Audio.
  kPcm,
  kAdpcm,
  kNellymoser,
  kG711A,
  kG711Mu,
  kSpeex,
  kMp3,
  kAac,
  kOpus,
  kFlac,
  kAc3,
  kEac3,
};

// The name that logs, events and metrics use: "h264", "aac"; "" for kUnknown.
std::string_view name(Codec codec);

// "avc1" as one big-endian number, the way Enhanced RTMP writes it.
constexpr std::uint32_t four_cc(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(text[i]);
  return value;
}

// Enhanced RTMP v2, "Defining Additional Audio Codecs" and "Defining Additional Video Codecs".
Codec codec_of_four_cc(std::uint32_t value);

}  // namespace weir::media::flv
