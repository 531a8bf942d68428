#include "media_svc/hub/publication.h"

#include <utility>

#include "media_svc/hub/origin.h"

namespace weir::media::hub {

Publication::Publication(std::shared_ptr<Origin> origin) : origin_(std::move(origin)) {}

Publication::Publication(Publication&& other) noexcept = default;

Publication& Publication::operator=(Publication&& other) noexcept {
  if (this == &other) return *this;
  release(EndReason::kInterrupted);
  origin_ = std::move(other.origin_);
  return *this;
}

Publication::~Publication() { release(EndReason::kInterrupted); }

void Publication::append(const FrameHandle& frame, SteadyTime now) {
  if (origin_) origin_->append(frame, now);
}

void Publication::commit() {
  if (origin_) origin_->commit();
}

void Publication::release(EndReason reason) {
  if (const auto origin = std::exchange(origin_, nullptr)) origin->end(reason);
}

bool Publication::is_start(const Frame& frame, SteadyTime now) const {
  return origin_ && origin_->is_start(frame, now);
}

bool Publication::has_readers() const { return origin_ && origin_->has_readers(); }

std::int64_t Publication::epoch() const { return origin_ ? origin_->identity().epoch : 0; }

}  // namespace weir::media::hub
