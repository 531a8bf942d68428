#include "tests/load/flv_script.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "media_svc/flv/tag.h"
#include "media_svc/rtmp/amf0.h"

namespace weir::load {
namespace {

namespace flv = media::flv;
using media::rtmp::MessageType;
using std::chrono::milliseconds;

// Adobe FLV 10.1, annex E.2 to E.4.
constexpr std::size_t kFileHeaderBytes = 9;
constexpr std::size_t kTagHeaderBytes = 11;
constexpr std::size_t kPreviousTagSizeBytes = 4;

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

struct Tag {
  std::uint8_t type = 0;
  std::uint32_t time = 0;
  std::span<const std::uint8_t> body;
};

// Takes one tag off the front.
std::optional<Tag> next_tag(std::span<const std::uint8_t>& rest) {
  if (rest.size() < kTagHeaderBytes) return std::nullopt;
  const std::size_t size = big_endian(rest.subspan(1, 3));
  if (rest.size() < kTagHeaderBytes + size) return std::nullopt;
  const Tag tag{.type = static_cast<std::uint8_t>(rest[0] & 0x1f),
                // The low 24 bits first, then the high 8.
                .time = big_endian(rest.subspan(4, 3)) | std::uint32_t{rest[7]} << 24,
                .body = rest.subspan(kTagHeaderBytes, size)};
  const std::size_t whole = kTagHeaderBytes + size + kPreviousTagSizeBytes;
  rest = rest.subspan(std::min(rest.size(), whole));
  return tag;
}

// Encoders put "@setDataFrame" before the metadata that a file holds by itself.
SharedBytes as_data_frame(std::span<const std::uint8_t> body) {
  std::vector<std::uint8_t> bytes;
  media::rtmp::Amf0Writer(bytes).string("@setDataFrame");
  bytes.insert(bytes.end(), body.begin(), body.end());
  return SharedBytes::copy_of(bytes);
}

// Of the AVCDecoderConfigurationRecord (ISO 14496-15, 5.2.4.1) behind the FLV video header.
bool has_four_byte_lengths(std::span<const std::uint8_t> configuration) {
  return configuration.size() > 9 && (configuration[9] & 3) == 3;
}

bool is_avc_slice(std::span<const std::uint8_t> body) {
  return body.size() > kStampOffset && (body[0] & 0x8f) == 7 && body[1] == 1;
}

class Reader {
 public:
  void take(const Tag& tag) {
    if (tag.type == static_cast<std::uint8_t>(flv::TagType::kScript)) {
      if (script_.frames.empty()) {
        script_.preamble.push_back(
            {.type = MessageType::kDataAmf0, .body = as_data_frame(tag.body)});
      }
      return;
    }
    const bool video = tag.type == static_cast<std::uint8_t>(flv::TagType::kVideo);
    if (!video && tag.type != static_cast<std::uint8_t>(flv::TagType::kAudio)) return;
    take_media(tag, video);
  }

  Result<MediaScript, FlvError> result() && {
    if (script_.frames.empty()) return FlvError::kNoMedia;
    // Not those at either end, where times go back.
    const auto [earliest, latest] =
        std::ranges::minmax_element(script_.frames, {}, &ScriptFrame::time);
    const milliseconds first = earliest->time;
    const milliseconds last = latest->time - first;
    for (ScriptFrame& frame : script_.frames) frame.time -= first;
    // The last frame lasts as long as the average of all.
    script_.length =
        last + std::max(milliseconds{1}, last / static_cast<int>(script_.frames.size()));
    return std::move(script_);
  }

 private:
  void take_media(const Tag& tag, bool video) {
    const auto type = video ? flv::TagType::kVideo : flv::TagType::kAudio;
    const flv::TagClass found = flv::classify(type, tag.body);
    const bool configuration = found.role == flv::TagRole::kConfiguration;
    if (video && configuration) four_byte_lengths_ = has_four_byte_lengths(tag.body);
    ScriptFrame frame{
        .type = video ? MessageType::kVideo : MessageType::kAudio,
        .time = milliseconds(tag.time),
        .body = SharedBytes::copy_of(tag.body),
        .keyframe = video && found.role == flv::TagRole::kKeyframe,
        .takes_stamp = video && !configuration && four_byte_lengths_ && is_avc_slice(tag.body)};
    script_.has_video |= video;
    if (configuration && script_.frames.empty()) {
      script_.preamble.push_back(std::move(frame));
    } else {
      script_.frames.push_back(std::move(frame));
    }
  }

  MediaScript script_;
  bool four_byte_lengths_ = false;
};

}  // namespace

std::string_view text(FlvError error) {
  switch (error) {
    case FlvError::kUnreadable:
      return "cannot be read";
    case FlvError::kNotFlv:
      return "is not an FLV file";
    case FlvError::kNoMedia:
      return "has neither audio nor video";
  }
  return "";
}

Result<MediaScript, FlvError> parse_flv(std::span<const std::uint8_t> file) {
  if (file.size() < kFileHeaderBytes || file[0] != 'F' || file[1] != 'L' || file[2] != 'V') {
    return FlvError::kNotFlv;
  }
  const std::size_t start = big_endian(file.subspan(5, 4)) + kPreviousTagSizeBytes;
  if (start > file.size()) return FlvError::kNoMedia;
  auto rest = file.subspan(start);
  Reader reader;
  while (const auto tag = next_tag(rest)) reader.take(*tag);
  return std::move(reader).result();
}

Result<MediaScript, FlvError> read_flv(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return FlvError::kUnreadable;
  return parse_flv({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace weir::load
