// One unit of a published stream: a tag body with its time, immutable and shared by all who send
// it.
#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <memory>

#include "common/shared_bytes.h"
#include "media_svc/flv/tag.h"

namespace weir::media::hub {

// A protocol's wire form of one frame. The hub keeps it and never looks inside: who sends frames
// derives from it and knows what it has put there.
class Rendering {
 public:
  virtual ~Rendering() = default;
};

class Frame;
using FrameHandle = boost::intrusive_ptr<const Frame>;

// Made by a publisher's worker, read by every worker that has viewers; ends with its last handle,
// on whichever thread that is.
class Frame {
 public:
  // `timestamp` in milliseconds, as published. It wraps at 2^32.
  static FrameHandle make(flv::TagType type, std::uint32_t timestamp, SharedBytes payload);
  // The same payload at another time, with no rendering yet.
  static FrameHandle restamped(const Frame& frame, std::uint32_t timestamp);

  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  flv::TagType type() const { return type_; }
  flv::TagRole role() const { return class_.role; }
  const flv::TagClass& tag_class() const { return class_; }
  std::uint32_t timestamp() const { return timestamp_; }
  const SharedBytes& payload() const { return payload_; }

  // The slot, filled once. Null until then. Any thread.
  const Rendering* rendering() const { return rendering_.load(std::memory_order_acquire); }
  // Fills the slot, unless another worker was faster; returns what is in it. Any thread.
  const Rendering& keep_rendering(std::unique_ptr<const Rendering> rendering) const;

 private:
  Frame(flv::TagType type, flv::TagClass tag_class, std::uint32_t timestamp, SharedBytes payload);
  ~Frame() { delete rendering(); }
  friend void intrusive_ptr_add_ref(const Frame* frame) {
    frame->references_.fetch_add(1, std::memory_order_relaxed);
  }
  friend void intrusive_ptr_release(const Frame* frame) {
    if (frame->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete frame;
  }

  mutable std::atomic<std::uint32_t> references_{0};
  const std::uint32_t timestamp_;
  const flv::TagType type_;
  const flv::TagClass class_;
  const SharedBytes payload_;
  mutable std::atomic<const Rendering*> rendering_{nullptr};
};

}  // namespace weir::media::hub
