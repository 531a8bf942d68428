#include "media_svc/net/session_directory.h"

#include <tuple>
#include <vector>

namespace weir::media::net {

SessionDirectory::Entry SessionDirectory::add(const control_link::Session& session,
                                              OnOrder on_order) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t id = ++last_id_;
  holders_.emplace(id, Holder{.session_id = session.session_id,
                              .epoch = session.epoch,
                              .on_order = std::move(on_order)});
  by_session_.emplace(session.session_id, id);
  return {this, id};
}

void SessionDirectory::tell(const Order& order) {
  const auto& [session_id, epoch] =
      std::visit([](const auto& of) { return std::tie(of.session_id, of.epoch); }, order);
  std::vector<OnOrder> meant;
  {
    const std::scoped_lock lock(mutex_);
    const auto [begin, end] = by_session_.equal_range(session_id);
    for (auto it = begin; it != end; ++it) {
      const Holder& holder = holders_.at(it->second);
      if (epoch == 0 || holder.epoch <= epoch) meant.push_back(holder.on_order);
    }
  }
  for (const OnOrder& on_order : meant) on_order(order);
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
