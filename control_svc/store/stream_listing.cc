#include "control_svc/store/stream_listing.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "control_svc/domain/placement.h"
#include "control_svc/store/smallest_of.h"

namespace weir::control::store {
namespace {

using domain::FleetSnapshot;
using domain::StreamClaim;

// That are looked at in one go.
constexpr std::size_t kMostClaims = 10'000;

// The stream of a claim whose holder lives; nothing when it does not.
Operation load_stream(RecordStore& store, StreamClaim claim, FleetSnapshot fleet, Now now,
                      Reply<std::optional<LiveStream>> reply) {
  const auto owner = co_await awaited<Loaded<domain::UserRecord>>(
      [&](auto next) { store.load_owner(claim.holder, std::move(next)); });
  if (!owner) co_return reply(owner.error());
  std::optional<LiveStream> stream;
  const domain::Session* holder = owner->record.find(claim.holder);
  if (holder != nullptr && holder->live() && !domain::overdue(*holder, now.steady)) {
    stream.emplace();
    stream->publisher = {owner->record.user_id, *holder};
    stream->route = domain::route_to(*fleet, holder->instance_id());
    stream->claim = std::move(claim);
  }
  reply(std::move(stream));
}

Operation count_players(RecordStore& store, std::vector<LiveStream> streams,
                        Reply<std::vector<LiveStream>> reply) {
  std::vector<domain::Text> ids;
  ids.reserve(streams.size());
  for (const LiveStream& stream : streams) ids.push_back(stream.claim.stream_id);
  const auto players = co_await awaited<std::vector<std::size_t>>(
      [&](auto next) { store.count_players(std::move(ids), std::move(next)); });
  if (!players) co_return reply(players.error());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    streams[i].players = static_cast<int>((*players)[i]);
  }
  reply(std::move(streams));
}

struct ClaimBefore {
  bool operator()(const StreamClaim& a, const StreamClaim& b) const {
    return a.stream_id.view() < b.stream_id.view();
  }
};

// The first `most` claims after `after`, in the order of their streams. Looks at a few times as
// many, however many there are.
Operation load_claims(RecordStore& store, std::string after, std::size_t most,
                      Reply<std::vector<StreamClaim>> reply) {
  SmallestOf<StreamClaim, ClaimBefore> first(most);
  for (std::size_t bucket = 0; bucket < domain::kBuckets; ++bucket) {
    const auto visited = co_await awaited<Done>([&](auto next) {
      store.visit_claims(
          bucket, after, [&first](const StreamClaim& claim) { return first.offer(claim); },
          std::move(next));
    });
    if (!visited) co_return reply(visited.error());
  }
  reply(std::move(first).sorted());
}

bool is_wanted(const LiveStream& stream, const StreamFilter& filter) {
  return filter.instance_id.empty() || stream.publisher.session.instance_id() == filter.instance_id;
}

domain::Refusal not_live() {
  return domain::refuse(domain::RefusalReason::kStreamNotFound, "nobody publishes this stream");
}

}  // namespace

Operation find_stream(RecordStore& store, std::string stream_id, Now now,
                      Callback<LiveStream> done) {
  auto claim = co_await awaited<Loaded<StreamClaim>>(
      [&](auto next) { store.load_claim(stream_id, std::move(next)); });
  if (!claim) co_return done(store_unavailable());
  if (claim->version == 0) co_return done(not_live());
  const auto fleet = co_await awaited<Loaded<FleetSnapshot>>(
      [&](auto next) { store.load_fleet(std::move(next)); });
  if (!fleet) co_return done(store_unavailable());
  const auto stream = co_await awaited<std::optional<LiveStream>>([&](auto next) {
    load_stream(store, std::move(claim->record), fleet->record, now, std::move(next));
  });
  if (!stream) co_return done(store_unavailable());
  if (!stream->has_value()) co_return done(not_live());
  const auto counted = co_await awaited<std::vector<LiveStream>>(
      [&](auto next) { count_players(store, {**stream}, std::move(next)); });
  if (!counted) co_return done(store_unavailable());
  done(counted->front());
}

Operation list_streams(RecordStore& store, StreamFilter filter, Now now,
                       Callback<std::vector<LiveStream>> done) {
  const auto fleet = co_await awaited<Loaded<FleetSnapshot>>(
      [&](auto next) { store.load_fleet(std::move(next)); });
  if (!fleet) co_return done(store_unavailable());
  std::vector<LiveStream> streams;
  std::size_t piece = filter.most;
  bool more = true;
  while (more && streams.size() < filter.most) {
    const auto claims = co_await awaited<std::vector<StreamClaim>>(
        [&](auto next) { load_claims(store, filter.after, piece, std::move(next)); });
    if (!claims) co_return done(store_unavailable());
    for (const StreamClaim& claim : *claims) {
      if (streams.size() == filter.most) break;
      filter.after = claim.stream_id.view();
      auto stream = co_await awaited<std::optional<LiveStream>>(
          [&](auto next) { load_stream(store, claim, fleet->record, now, std::move(next)); });
      if (!stream) co_return done(store_unavailable());
      if (*stream && is_wanted(**stream, filter)) streams.push_back(**std::move(stream));
    }
    more = claims->size() == piece;
    // Where few are wanted, not many small steps.
    piece = std::min(2 * piece, kMostClaims);
  }
  auto counted = co_await awaited<std::vector<LiveStream>>(
      [&](auto next) { count_players(store, std::move(streams), std::move(next)); });
  if (!counted) co_return done(store_unavailable());
  done(*std::move(counted));
}

}  // namespace weir::control::store
