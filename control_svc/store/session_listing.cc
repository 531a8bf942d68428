#include "control_svc/store/session_listing.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "control_svc/domain/digest.h"
#include "control_svc/domain/field_check.h"
#include "control_svc/store/page_token.h"
#include "control_svc/store/smallest_of.h"

namespace weir::control::store {
namespace {

using domain::BlockFilter;
using domain::Context;
using domain::Digest;
using domain::FieldCheck;
using domain::Session;
using domain::SessionFilter;
using domain::SessionId;
using domain::SessionState;
using domain::UserBlock;
using domain::UserRecord;
using domain::UserSession;

std::uint64_t digest_of(const SessionFilter& filter) {
  Digest digest;
  digest.add("sessions")
      .add(filter.user_id)
      .add(filter.stream_id)
      .add(filter.instance_id)
      .add(filter.kind ? std::to_string(static_cast<int>(*filter.kind)) : std::string());
  for (const SessionState state : filter.states) {
    digest.add(std::to_string(static_cast<int>(state)));
  }
  return digest.value();
}

std::uint64_t digest_of(const BlockFilter& filter) {
  return Digest{}.add("blocks").add(filter.user_id).value();
}

bool matches(const SessionFilter& filter, const Session& session, const Context& context) {
  if (!filter.stream_id.empty() && session.stream_id() != filter.stream_id) return false;
  if (!filter.instance_id.empty() && session.instance_id() != filter.instance_id) return false;
  if (filter.kind && session.kind != *filter.kind) return false;
  const SessionState state = domain::visible_state(session, context.settings, context.now.steady);
  if (filter.states.empty()) return state != SessionState::kEnded;
  return std::ranges::find(filter.states, state) != filter.states.end();
}

std::size_t page_size_of(int asked) {
  return static_cast<std::size_t>(asked == 0 ? kDefaultPageSize : std::min(asked, kMaxPageSize));
}

struct SessionBefore {
  bool operator()(const UserSession& a, const UserSession& b) const {
    return a.session.id < b.session.id;
  }
};

struct KeyedBlock {
  std::string key;
  UserBlock entry;
};

// Orders blocks by bucket, user, stream and kind. Ids hold no control characters, so the line
// break sorts a shorter id first.
std::string key_of(std::size_t bucket, const UserBlock& entry) {
  return std::string(1, static_cast<char>('0' + bucket)) + entry.user_id.str() + '\n' +
         entry.block.stream_id.str() + '\n' +
         static_cast<char>('0' + static_cast<int>(entry.block.kind));
}
std::size_t bucket_of_key(std::string_view key) {
  return key.empty() ? domain::kBuckets : static_cast<std::size_t>(key.front() - '0');
}

struct BlockBefore {
  bool operator()(const KeyedBlock& a, const KeyedBlock& b) const { return a.key < b.key; }
};

std::optional<domain::Refusal> check_page(int page_size, std::string_view token, bool token_right) {
  return FieldCheck{}
      .that(page_size >= 0, "page_size", "must not be negative")
      .that(token.empty() || token_right, "page_token", "is not of a list with these filters")
      .refusal();
}

}  // namespace

Operation list_sessions(const Decider& decider, SessionFilter filter, Now now,
                        Callback<domain::SessionPage> done) {
  const std::uint64_t filters = digest_of(filter);
  const auto last_text = read_page_token(filters, filter.page_token);
  const auto last = last_text ? SessionId::parse(*last_text) : std::nullopt;
  if (auto bad = check_page(filter.page_size, filter.page_token, last.has_value())) {
    co_return done(*std::move(bad));
  }
  const Context context = decider.context(now);
  const std::size_t page_size = page_size_of(filter.page_size);
  // One more than a page tells whether there is another.
  SmallestOf<UserSession, SessionBefore> found(page_size + 1);
  const auto look = [&](const UserRecord& record) {
    for (const Session& session : record.sessions) {
      if (last && session.id <= *last) continue;
      if (matches(filter, session, context)) found.offer({record.user_id, session});
    }
  };
  if (!filter.user_id.empty()) {
    const auto user = co_await awaited<Loaded<UserRecord>>(
        [&](auto next) { decider.store().load_user(filter.user_id, std::move(next)); });
    if (!user) co_return done(store_unavailable());
    look(user->record);
  } else {
    // Ids are ordered by their bucket first, so later buckets hold later ids only.
    for (std::size_t b = last ? last->bucket() : 0; b < domain::kBuckets && !found.full(); ++b) {
      const auto visited = co_await awaited<Done>(
          [&](auto next) { decider.store().visit_users(b, look, std::move(next)); });
      if (!visited) co_return done(store_unavailable());
    }
  }
  domain::SessionPage page;
  page.sessions = std::move(found).sorted();
  if (page.sessions.size() > page_size) {
    page.sessions.pop_back();
    page.next_page_token = make_page_token(filters, page.sessions.back().session.id.str());
  }
  for (UserSession& entry : page.sessions) {
    entry.session = domain::as_seen(std::move(entry.session), context);
  }
  done(std::move(page));
}

Operation list_blocks(const Decider& decider, BlockFilter filter, Now now,
                      Callback<domain::BlockPage> done) {
  const std::uint64_t filters = digest_of(filter);
  const auto last = read_page_token(filters, filter.page_token);
  const std::size_t first = last ? bucket_of_key(*last) : 0;
  if (auto bad = check_page(filter.page_size, filter.page_token,
                            last.has_value() && first < domain::kBuckets)) {
    co_return done(*std::move(bad));
  }
  const std::size_t page_size = page_size_of(filter.page_size);
  SmallestOf<KeyedBlock, BlockBefore> found(page_size + 1);
  for (std::size_t b = last ? first : 0; b < domain::kBuckets && !found.full(); ++b) {
    if (!filter.user_id.empty() && domain::bucket_of(filter.user_id) != b) continue;
    const auto look = [&](const UserRecord& record) {
      if (!filter.user_id.empty() && record.user_id != filter.user_id) return;
      for (const domain::Block& block : record.blocks) {
        if (block.until <= now.steady) continue;
        const UserBlock entry{record.user_id, block};
        std::string key = key_of(b, entry);
        if (!last || key > *last) found.offer({std::move(key), entry});
      }
    };
    const auto visited = co_await awaited<Done>(
        [&](auto next) { decider.store().visit_users(b, look, std::move(next)); });
    if (!visited) co_return done(store_unavailable());
  }
  std::vector<KeyedBlock> blocks = std::move(found).sorted();
  domain::BlockPage page;
  if (blocks.size() > page_size) {
    blocks.pop_back();
    page.next_page_token = make_page_token(filters, blocks.back().key);
  }
  for (KeyedBlock& block : blocks) page.blocks.push_back(std::move(block.entry));
  done(std::move(page));
}

}  // namespace weir::control::store
