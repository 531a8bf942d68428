// What a stream says about itself, gathered from the tags that go by.
#pragma once

#include <cstdint>
#include <span>

#include "media_svc/flv/codec.h"
#include "media_svc/flv/decoder_configuration.h"
#include "media_svc/flv/tag.h"

namespace weir::media::flv {

// A value, owned by whoever reports on a stream: of several tracks, on the lowest. Sequence headers
// win over the metadata, which encoders fill carelessly.
class StreamDescription {
 public:
  // Worth calling for tags of any role; cheap for media.
  void take(TagType type, TagClass tag_class, std::span<const std::uint8_t> body);

  // kUnknown until the first tag of the kind.
  Codec video_codec() const { return video_.codec; }
  Codec audio_codec() const { return audio_.codec; }
  // Zeros where nothing says.
  PictureFormat picture() const;

 private:
  struct Leader {
    Codec codec = Codec::kUnknown;
    std::uint8_t track = 0xFF;
  };
  static void follow(Leader& leader, TagClass tag_class);
  void take_configuration(std::uint8_t track, std::span<const std::uint8_t> body);
  void take_metadata(std::span<const std::uint8_t> body);

  Leader video_;
  Leader audio_;
  PictureFormat configured_;
  PictureFormat announced_;
};

}  // namespace weir::media::flv
