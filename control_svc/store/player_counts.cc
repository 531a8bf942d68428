#include "control_svc/store/player_counts.h"

#include "control_svc/domain/digest.h"

namespace weir::control::store {
namespace {

using domain::Session;
using domain::UserRecord;

bool plays(const Session& session) {
  return session.kind == domain::SessionKind::kPlay && session.live();
}

// Whether the record has it as the same stream's player.
bool has_player(const UserRecord* record, const Session& session) {
  const Session* other = record == nullptr ? nullptr : record->find(session.id);
  return other != nullptr && plays(*other) && other->stream_id() == session.stream_id();
}

}  // namespace

void PlayerCounts::change(const UserRecord* before, const UserRecord& after) {
  if (before != nullptr) {
    for (const Session& session : before->sessions) {
      if (plays(session) && !has_player(&after, session)) add(session.stream_id(), -1);
    }
  }
  for (const Session& session : after.sessions) {
    if (plays(session) && !has_player(before, session)) add(session.stream_id(), 1);
  }
}

std::size_t PlayerCounts::of(std::string_view stream_id) const {
  const std::uint64_t digest = digest_of(stream_id);
  const Shard& shard = shard_of(digest);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.players.find(digest);
  return found == shard.players.end() ? 0 : static_cast<std::size_t>(found->second);
}

std::uint64_t PlayerCounts::digest_of(std::string_view stream_id) {
  return domain::Digest{}.add(stream_id).value();
}

void PlayerCounts::add(std::string_view stream_id, std::int32_t players) {
  const std::uint64_t digest = digest_of(stream_id);
  Shard& shard = shard_of(digest);
  const std::scoped_lock lock(shard.mutex);
  const auto [found, is_new] = shard.players.try_emplace(digest, 0);
  found->second += players;
  if (found->second == 0) shard.players.erase(found);
}

}  // namespace weir::control::store
