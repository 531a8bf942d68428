// A stream without an encoder: the sizes and times of H.264 and AAC, and real configuration, so
// that servers which look inside are content. No decoder would show a picture.
#pragma once

#include <chrono>
#include <cstdint>

#include "tests/load/media_script.h"

namespace weir::load {

struct SyntheticMedia {
  // Bits a second, of the audio and video bodies together.
  std::uint64_t bit_rate = 2'650'000;
  // Zero: no audio. 48 kHz: 46.9 messages a second.
  std::uint64_t audio_bit_rate = 128'000;
  std::uint32_t frames_per_second = 30;
  std::chrono::milliseconds keyframe_interval{2000};
};

MediaScript make_script(const SyntheticMedia& media);

}  // namespace weir::load
