#include "media_svc/flv/stream_description.h"

#include <optional>
#include <string_view>

#include "media_svc/flv/ex_header.h"
#include "media_svc/flv/script_numbers.h"

namespace weir::media::flv {
namespace {

struct Record {
  Codec codec = Codec::kUnknown;
  std::span<const std::uint8_t> bytes;
};

std::optional<Record> video_record(std::uint8_t track_id, std::span<const std::uint8_t> body) {
  // Frame type and codec, packet type, composition time.
  constexpr std::size_t kOldHeader = 5;
  if (!is_extended(TagType::kVideo, body)) {
    if (body.size() < kOldHeader) return std::nullopt;
    return Record{classify(TagType::kVideo, body).codec, body.subspan(kOldHeader)};
  }
  const auto header = read_ex_header(TagType::kVideo, body);
  if (!header) return std::nullopt;
  TrackReader tracks(*header);
  while (const auto track = tracks.next()) {
    if (track->id == track_id) return Record{track->codec, track->body};
  }
  return std::nullopt;
}

// A side of a picture as metadata tells it: any double may come.
std::uint32_t side(double value) {
  constexpr double kMaxSide = 65'536;
  return value >= 1 && value <= kMaxSide ? static_cast<std::uint32_t>(value) : 0;
}

double pictures_a_second(double value) {
  constexpr double kMaxFrameRate = 1'000;
  return value > 0 && value <= kMaxFrameRate ? value : 0;
}

}  // namespace

void StreamDescription::take(TagType type, TagClass tag_class, std::span<const std::uint8_t> body) {
  if (type == TagType::kVideo) follow(video_, tag_class);
  if (type == TagType::kAudio) follow(audio_, tag_class);
  if (type == TagType::kVideo && tag_class.role == TagRole::kConfiguration) {
    take_configuration(tag_class.track, body);
  }
  if (type == TagType::kScript && tag_class.role == TagRole::kMetadata) take_metadata(body);
}

void StreamDescription::follow(Leader& leader, TagClass tag_class) {
  if (tag_class.codec == Codec::kUnknown || tag_class.track > leader.track) return;
  leader = {.codec = tag_class.codec, .track = tag_class.track};
}

void StreamDescription::take_configuration(std::uint8_t track, std::span<const std::uint8_t> body) {
  if (track > video_.track) return;
  const auto record = video_record(track, body);
  if (!record) return;
  if (const auto format = picture_format(record->codec, record->bytes)) configured_ = *format;
}

void StreamDescription::take_metadata(std::span<const std::uint8_t> body) {
  for_each_script_number(body, [this](std::string_view name, double value) {
    if (name == "width") announced_.width = side(value);
    if (name == "height") announced_.height = side(value);
    // OBS and ffmpeg; some hardware.
    if (name == "framerate" || name == "videoframerate") {
      announced_.frame_rate = pictures_a_second(value);
    }
  });
}

PictureFormat StreamDescription::picture() const {
  PictureFormat picture = announced_;
  if (configured_.width > 0) {
    picture.width = configured_.width;
    picture.height = configured_.height;
  }
  // H.264 tells field rates that encoders set to anything: the metadata's word counts first.
  if (picture.frame_rate == 0) picture.frame_rate = pictures_a_second(configured_.frame_rate);
  return picture;
}

}  // namespace weir::media::flv
