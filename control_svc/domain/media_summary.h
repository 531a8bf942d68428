// What the media of a published stream is, as the instance that holds it says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/clock.h"

namespace weir::control::domain {

// Empty or 0 where nothing is known. It describes and decides nothing.
struct MediaSummary {
  std::string video_codec = {};
  std::string audio_codec = {};
  std::int32_t width = 0;
  std::int32_t height = 0;
  double frame_rate = 0;
  // By the time that it was said.
  std::int64_t bytes = 0;
  Duration duration{0};

  bool operator==(const MediaSummary&) const = default;
};

// Shared by the records and events that carry it, so that copying one of those is cheap.
using MediaSnapshot = std::shared_ptr<const MediaSummary>;

}  // namespace weir::control::domain
