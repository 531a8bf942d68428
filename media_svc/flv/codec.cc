#include "media_svc/flv/codec.h"

#include <utility>

namespace weir::media::flv {

std::string_view name(Codec codec) {
  switch (codec) {
    case Codec::kUnknown:
      return "";
    case Codec::kSorensonH263:
      return "h263";
    case Codec::kScreenVideo:
      return "screen";
    case Codec::kVp6:
      return "vp6";
    case Codec::kH264:
      return "h264";
    case Codec::kHevc:
      return "hevc";
    case Codec::kVvc:
      return "vvc";
    case Codec::kVp8:
      return "vp8";
    case Codec::kVp9:
      return "vp9";
    case Codec::kAv1:
      return "av1";
    case Codec::kPcm:
      return "pcm";
    case Codec::kAdpcm:
      return "adpcm";
    case Codec::kNellymoser:
      return "nellymoser";
    case Codec::kG711A:
      return "pcma";
    case Codec::kG711Mu:
      return "pcmu";
    case Codec::kSpeex:
      return "speex";
    case Codec::kMp3:
      return "mp3";
    case Codec::kAac:
      return "aac";
    case Codec::kOpus:
      return "opus";
    case Codec::kFlac:
      return "flac";
    case Codec::kAc3:
      return "ac3";
    case Codec::kEac3:
      return "eac3";
  }
  return "";
}

Codec codec_of_four_cc(std::uint32_t value) {
  static constexpr std::pair<std::uint32_t, Codec> kCodecs[] = {
      {four_cc("avc1"), Codec::kH264}, {four_cc("hvc1"), Codec::kHevc},
      {four_cc("vvc1"), Codec::kVvc},  {four_cc("vp08"), Codec::kVp8},
      {four_cc("vp09"), Codec::kVp9},  {four_cc("av01"), Codec::kAv1},
      {four_cc("mp4a"), Codec::kAac},  {four_cc(".mp3"), Codec::kMp3},
      {four_cc("Opus"), Codec::kOpus}, {four_cc("fLaC"), Codec::kFlac},
      {four_cc("ac-3"), Codec::kAc3},  {four_cc("ec-3"), Codec::kEac3},
  };
  for (const auto& [four_cc_value, codec] : kCodecs) {
    if (four_cc_value == value) return codec;
  }
  return Codec::kUnknown;
}

}  // namespace weir::media::flv
