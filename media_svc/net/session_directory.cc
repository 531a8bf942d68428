#include "media_svc/net/session_directory.h"

#include <vector>

namespace weir::media::net {

SessionDirectory::Entry SessionDirectory::add(const control_link::Session& session, OnEnd on_end) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t id = ++last_id_;
  holders_.emplace(id, Holder{.session_id = session.session_id,
                              .epoch = session.epoch,
                              .on_end = std::move(on_end)});
  by_session_.emplace(session.session_id, id);
  return {this, id};
}

void SessionDirectory::end(const control_link::EndOrder& order) {
  std::vector<OnEnd> meant;
  {
    const std::scoped_lock lock(mutex_);
    const auto [begin, end] = by_session_.equal_range(order.session_id);
    for (auto it = begin; it != end; ++it) {
      const Holder& holder = holders_.at(it->second);
      if (order.epoch == 0 || holder.epoch <= order.epoch) meant.push_back(holder.on_end);
    }
  }
  for (const OnEnd& on_end : meant) on_end(order);
}

void SessionDirectory::remove(std::uint64_t id) {
  const std::scoped_lock lock(mutex_);
  const auto holder = holders_.find(id);
  const auto [begin, end] = by_session_.equal_range(holder->second.session_id);
  for (auto it = begin; it != end; ++it) {
    if (it->second != id) continue;
    by_session_.erase(it);
    break;
  }
  holders_.erase(holder);
}

}  // namespace weir::media::net
