#include "control_svc/domain/user_rules.h"

#include <algorithm>
#include <utility>

namespace weir::control::domain {
namespace {

bool same_scope(const Block& a, const Block& b) {
  return a.stream_id == b.stream_id && (a.stream_id.empty() || a.kind == b.kind);
}

bool covers(const Block& block, std::string_view stream_id, SessionKind kind) {
  return block.stream_id.empty() || (block.stream_id == stream_id && block.kind == kind);
}

}  // namespace

std::optional<Refusal> blocked_from(const UserRecord& record, std::string_view stream_id,
                                    SessionKind kind, Now now) {
  Duration left{0};
  const Block* longest = nullptr;
  for (const Block& block : record.blocks) {
    if (!covers(block, stream_id, kind) || block.until - now.steady <= left) continue;
    left = block.until - now.steady;
    longest = &block;
  }
  if (longest == nullptr) return std::nullopt;
  std::string text = "the user is kept out for a while";
  if (!longest->message.empty()) text += ": " + longest->message.str();
  return refuse(RefusalReason::kUserBlocked, std::move(text), left);
}

void add_block(UserRecord& record, Block block, const Settings& settings) {
  std::erase_if(record.blocks, [&block](const Block& old) { return same_scope(old, block); });
  if (record.blocks.size() >= settings.max_blocks_per_user) {
    record.blocks.erase(record.blocks.begin());
  }
  record.blocks.push_back(std::move(block));
}

Decision<int> unblock(UserRecord record, std::string_view stream_id, const Context& context) {
  RecordChange change(std::move(record), context);
  const auto lifted = [stream_id](const Block& block) {
    return stream_id.empty() || block.stream_id == stream_id;
  };
  const auto count = static_cast<int>(std::ranges::count_if(change.record().blocks, lifted));
  if (count > 0) std::erase_if(change.edit().blocks, lifted);
  return {std::move(change), count};
}

int limit_of(const UserRecord& record, SessionKind kind, const Settings& settings) {
  return kind == SessionKind::kPublish
             ? record.limits.max_publish_sessions.value_or(settings.max_publish_sessions)
             : record.limits.max_play_sessions.value_or(settings.max_play_sessions);
}

Decision<UserLimitsAnswer> look_up_limits(UserRecord record, const Context& context) {
  return update_limits(std::move(record), {}, context).read_only();
}

Decision<UserLimitsAnswer> update_limits(UserRecord record, const LimitsUpdate& update,
                                         const Context& context) {
  RecordChange change(std::move(record), context);
  UserLimits limits = change.record().limits;
  if (update.max_play_sessions) limits.max_play_sessions = *update.max_play_sessions;
  if (update.max_publish_sessions) limits.max_publish_sessions = *update.max_publish_sessions;
  if (update.policy) limits.policy = *update.policy;
  if (limits != change.record().limits) change.edit().limits = limits;
  UserLimitsAnswer answer{change.record().user_id, limits};
  return {std::move(change), std::move(answer)};
}

}  // namespace weir::control::domain
