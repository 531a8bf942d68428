#include "control_svc/store/held_streams.h"

#include <utility>

namespace weir::control::store {

Operation find_held(RecordStore& store, std::vector<std::uint32_t> holders,
                    Reply<HeldByInstance> reply) {
  HeldByInstance held;
  for (const std::uint32_t holder : holders) held[holder];
  const auto look = [&held](const domain::UserRecord& record) {
    for (const domain::Session& session : record.sessions) {
      if (!session.live() || session.interrupted) continue;
      const auto found = held.find(session.lease.holder);
      if (found == held.end()) continue;
      if (session.kind == domain::SessionKind::kPlay) {
        ++found->second.players;
      } else {
        found->second.publishers.push_back({.session = session.id, .moving = session.moving});
      }
    }
  };
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    const auto visited = co_await awaited<Done>(
        [&](auto next) { store.visit_users(bucket, look, std::move(next)); });
    if (!visited) co_return reply(visited.error());
  }
  reply(std::move(held));
}

}  // namespace weir::control::store
