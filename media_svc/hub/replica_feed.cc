#include "media_svc/hub/replica_feed.h"

#include <array>
#include <utility>
#include <vector>

namespace weir::media::hub {
namespace {

struct Batch {
  std::vector<FrameHandle> frames;
  std::size_t bytes = 0;
  SteadyTime arrival;
};

std::shared_ptr<const Batch> next_batch(Cursor& cursor, SteadyTime now) {
  auto batch = std::make_shared<Batch>();
  batch->arrival = now;
  std::array<const Frame*, 64> frames{};
  while (const std::size_t count = cursor.peek(frames, now)) {
    for (std::size_t i = 0; i < count; ++i) {
      batch->bytes += frames[i]->payload().size();
      batch->frames.emplace_back(frames[i]);
    }
    cursor.consume(count);
  }
  return batch;
}

}  // namespace

ReplicaFeed::ReplicaFeed(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> replica,
                         PublicationId publication, const StreamLog& log, SteadyTime now)
    : post_(&post),
      worker_(worker),
      replica_(std::move(replica)),
      publication_(publication),
      cursor_(log, now),
      in_flight_(std::make_shared<std::atomic<std::size_t>>(0)) {
  (*post_)(worker_, [replica_weak = replica_, publication] {
    if (const auto log_there = replica_weak.lock()) log_there->begin(publication);
  });
  send(now);
}

void ReplicaFeed::pump(SteadyTime now) {
  if (in_flight_->load(std::memory_order_relaxed) <= kMaxInFlight) send(now);
}

void ReplicaFeed::send(SteadyTime now) {
  auto batch = next_batch(cursor_, now);
  if (batch->frames.empty()) return;
  in_flight_->fetch_add(batch->bytes, std::memory_order_relaxed);
  (*post_)(worker_, [replica = replica_, publication = publication_, in_flight = in_flight_,
                     batch = std::move(batch)] {
    if (const auto log = replica.lock()) {
      for (const FrameHandle& frame : batch->frames) {
        log->append(publication, frame, batch->arrival);
      }
      log->commit(publication);
    }
    in_flight->fetch_sub(batch->bytes, std::memory_order_relaxed);
  });
}

void ReplicaFeed::end(EndReason reason, SteadyTime now) {
  send(now);
  (*post_)(worker_, [replica = replica_, publication = publication_, reason] {
    if (const auto log = replica.lock()) log->end(publication, reason);
  });
}

}  // namespace weir::media::hub
