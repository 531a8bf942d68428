// A publisher's hold on a stream's name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/clock.h"
#include "media_svc/hub/frame.h"
#include "media_svc/hub/stream_log.h"

namespace weir::media::hub {

class Origin;

// Held by the publisher's connection, on its worker, from the admission to the end. What is
// appended reaches this worker's viewers and, in one batch for each worker that has any, those
// elsewhere.
class Publication {
 public:
  explicit Publication(std::shared_ptr<Origin> origin) : origin_(std::move(origin)) {}
  Publication(Publication&&) noexcept = default;
  Publication& operator=(Publication&& other) noexcept;
  // Interrupted, unless released before.
  ~Publication() { release(EndReason::kInterrupted); }

  // In the order of the stream. Seen by nobody before `commit`.
  void append(FrameHandle frame, SteadyTime now);
  // After the frames of one read: tells listeners and other workers once for all of them.
  void commit(SteadyTime now);
  // Ends the publication for everyone; the first reason counts.
  void release(EndReason reason);

  bool held() const { return origin_ != nullptr; }
  std::int64_t epoch() const;

 private:
  std::shared_ptr<Origin> origin_;
};

}  // namespace weir::media::hub
