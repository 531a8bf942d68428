#include "media_svc/net/relay_desk.h"

#include "media_svc/net/relay.h"

namespace weir::media::net {

RelayDesk::Wish RelayDesk::want(const std::string& stream_id, RtmpWorker& worker) {
  const std::scoped_lock lock(mutex_);
  Wanted& wanted = wanted_[stream_id];
  if (wanted.wishes++ == 0) {
    wanted.relay = std::make_shared<Relay>(worker, stream_id);
    worker.worker.post([relay = wanted.relay] { relay->begin(); });
  }
  return Wish(*this, wanted.relay);
}

void RelayDesk::take_back(std::shared_ptr<Relay> relay) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = wanted_.find(relay->stream_id());
    if (--found->second.wishes > 0) return;
    wanted_.erase(found);
  }
  Worker& worker = relay->worker();
  worker.post([relay = std::move(relay)] { relay->end(); });
}

void RelayDesk::Wish::stream_changed() const {
  if (relay_) relay_->worker().post([relay = relay_] { relay->look(); });
}

bool RelayDesk::Wish::in_vain() const { return relay_ && relay_->in_vain(); }

}  // namespace weir::media::net
