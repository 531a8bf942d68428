#include "media_svc/hub/frame.h"

#include <utility>

namespace weir::media::hub {

FrameHandle Frame::make(flv::TagType type, std::uint32_t timestamp, SharedBytes payload) {
  const flv::TagClass tag_class = flv::classify(type, payload);
  return FrameHandle(new Frame(type, tag_class, timestamp, std::move(payload)));
}

FrameHandle Frame::restamped(const Frame& frame, std::uint32_t timestamp) {
  return FrameHandle(new Frame(frame.type_, frame.class_, timestamp, frame.payload_));
}

Frame::Frame(flv::TagType type, flv::TagClass tag_class, std::uint32_t timestamp,
             SharedBytes payload)
    : timestamp_(timestamp), type_(type), class_(tag_class), payload_(std::move(payload)) {}

const Rendering& Frame::keep_rendering(std::unique_ptr<const Rendering> rendering) const {
  const Rendering* kept = nullptr;
  if (rendering_.compare_exchange_strong(kept, rendering.get(), std::memory_order_acq_rel,
                                         std::memory_order_acquire)) {
    kept = rendering.release();
  }
  return *kept;
}

}  // namespace weir::media::hub
