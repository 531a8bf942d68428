// A publisher's hold on a stream's name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "common/clock.h"
#include "media_svc/hub/frame.h"
#include "media_svc/hub/stream_log.h"

namespace weir::media::hub {

class Origin;

// What a publisher hears of its publication, on its worker.
struct PublicationEvents {
  // A newer publisher has the name.
  std::function<void()> on_replaced = {};
  // Somebody begins to read the stream.
  std::function<void()> on_watched = {};
};

// Held by the publisher's connection, on its worker, from the admission to the end. What is
// appended reaches this worker's viewers and, in one batch for each other worker that has any,
// those elsewhere.
class Publication {
 public:
  explicit Publication(std::shared_ptr<Origin> origin);
  Publication(Publication&& other) noexcept;
  Publication& operator=(Publication&& other) noexcept;
  // Interrupted, unless released before.
  ~Publication();

  // In the order of the stream.
  void append(const FrameHandle& frame, SteadyTime now);
  // After the frames of one read: tells this worker's listener and the other workers, once for all.
  void commit();
  // Ends the publication for everyone; later calls change nothing. The handle is then spent.
  void release(EndReason reason);

  // Whether viewers would start at `frame`, if it came now.
  bool is_start(const Frame& frame, SteadyTime now) const;
  // Whether anybody reads the stream, here or on another worker.
  bool has_readers() const;
  std::int64_t epoch() const;

 private:
  std::shared_ptr<Origin> origin_;
};

}  // namespace weir::media::hub
