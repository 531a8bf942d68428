// Tag classification and the extended headers. The first byte chooses the kind of tag.
#include <array>

#include "media_svc/flv/ex_header.h"
#include "media_svc/flv/tag.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::media::flv;
  if (size == 0) return 0;
  constexpr std::array kTypes{TagType::kAudio, TagType::kVideo, TagType::kScript};
  const TagType type = kTypes[data[0] % kTypes.size()];
  const std::span<const std::uint8_t> body(data + 1, size - 1);

  const TagClass tag = classify(type, body);
  if (tag.role == TagRole::kKeyframe && type != TagType::kVideo) __builtin_trap();
  if (tracks_of(type, body).none()) __builtin_trap();
  if (!is_extended(type, body)) return 0;
  const auto header = read_ex_header(type, body);
  if (!header) return 0;
  TrackReader tracks(*header);
  std::size_t total = 0;
  while (const auto track = tracks.next()) total += track->body.size();
  if (total > body.size()) __builtin_trap();
  return 0;
}
