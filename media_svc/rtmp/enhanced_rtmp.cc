#include "media_svc/rtmp/enhanced_rtmp.h"

#include <array>
#include <string_view>
#include <vector>

namespace weir::media::rtmp {
namespace {

constexpr std::array<std::string_view, 6> kVideoCodecs = {"avc1", "hvc1", "av01",
                                                          "vp09", "vp08", "vvc1"};
constexpr std::array<std::string_view, 6> kAudioCodecs = {"mp4a", ".mp3", "Opus",
                                                          "fLaC", "ac-3", "ec-3"};
// FourCcInfoMask: the server does not decode or encode.
constexpr double kCanForward = 4;

void write_info_map(Amf0Writer& writer, std::span<const std::string_view> codecs) {
  writer.begin_object();
  for (const auto codec : codecs) writer.key(codec).number(kCanForward);
  writer.end_object();
}

// The same for every client.
std::vector<std::uint8_t> encoded_capabilities() {
  std::vector<std::uint8_t> encoded;
  Amf0Writer writer(encoded);
  writer.key("fourCcList").begin_strict_array(kVideoCodecs.size() + kAudioCodecs.size());
  for (const auto codec : kVideoCodecs) writer.string(codec);
  for (const auto codec : kAudioCodecs) writer.string(codec);
  writer.key("videoFourCcInfoMap");
  write_info_map(writer, kVideoCodecs);
  writer.key("audioFourCcInfoMap");
  write_info_map(writer, kAudioCodecs);
  writer.key("capsEx").number(kCapsReconnect | kCapsMultitrack | kCapsModEx |
                              kCapsTimestampNanoOffset);
  return encoded;
}

}  // namespace

std::uint32_t caps_ex(const AmfObject& connect) {
  const AmfValue* value = connect.find("capsEx");
  const double bits = value ? value->number() : 0;
  return bits >= 0 && bits <= 0xFFFF'FFFF ? static_cast<std::uint32_t>(bits) : 0;
}

void write_server_capabilities(Amf0Writer& writer) {
  static const std::vector<std::uint8_t> kCapabilities = encoded_capabilities();
  writer.encoded(kCapabilities);
}

}  // namespace weir::media::rtmp
