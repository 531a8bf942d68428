#include "media_svc/hub/origin.h"

#include <utility>

#include "media_svc/hub/registry.h"

namespace weir::media::hub {

Origin::Origin(Registry& registry, Identity identity, std::shared_ptr<StreamLog> log,
               PublicationEvents events)
    : registry_(registry),
      identity_(std::move(identity)),
      log_(std::move(log)),
      events_(std::move(events)) {}

void Origin::begin() { log_->begin(identity_.id); }

void Origin::attached(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> log) {
  if (!log_) return;
  if (worker != identity_.worker) feed(post, worker, std::move(log));
  if (events_.on_watched) events_.on_watched();
}

void Origin::feed(const Post& post, WorkerId worker, std::weak_ptr<StreamLog> replica) {
  if (!log_) return;
  // A log that was left and made anew within one post: its old feed is abandoned.
  std::erase_if(feeds_, [](const ReplicaFeed& feed) { return feed.abandoned(); });
  feeds_.emplace_back(post, worker, std::move(replica), identity_.id, *log_, newest_);
}

void Origin::append(const FrameHandle& frame, SteadyTime now) {
  newest_ = now;
  log_->append(identity_.id, frame, now);
}

void Origin::commit() {
  log_->commit(identity_.id);
  std::erase_if(feeds_, [](const ReplicaFeed& feed) { return feed.abandoned(); });
  for (ReplicaFeed& feed : feeds_) feed.pump(newest_);
}

// Who hears of the end finds the name free.
void Origin::end(EndReason reason) {
  registry_.withdraw(identity_);
  log_->end(identity_.id, reason);
  for (ReplicaFeed& feed : feeds_) feed.end(reason, newest_);
  feeds_.clear();
  log_.reset();
  registry_.leave(identity_.name);
}

void Origin::replaced() {
  // The logs here and elsewhere hear of the end with the newer publication's begin.
  feeds_.clear();
  if (const auto on_replaced = std::exchange(events_, {}).on_replaced) on_replaced();
}

}  // namespace weir::media::hub
