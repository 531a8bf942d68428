// What is read out of sequence headers and metadata. The first byte chooses the kind of tag.
#include <array>

#include "media_svc/flv/stream_description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::media::flv;
  if (size == 0) return 0;
  const std::span<const std::uint8_t> body(data + 1, size - 1);
  constexpr std::array kCodecs{Codec::kH264, Codec::kHevc, Codec::kAv1};
  const std::size_t choice = data[0] % (kCodecs.size() + 2);
  if (choice < kCodecs.size()) {
    const auto format = picture_format(kCodecs[choice], body);
    if (format && (format->width == 0 || format->height == 0)) __builtin_trap();
    return 0;
  }
  const TagType type = choice == kCodecs.size() ? TagType::kVideo : TagType::kScript;
  StreamDescription description;
  description.take(type, classify(type, body), body);
  const PictureFormat picture = description.picture();
  if (picture.width > 65'536 || !(picture.frame_rate >= 0 && picture.frame_rate <= 1'000)) {
    __builtin_trap();
  }
  return 0;
}
