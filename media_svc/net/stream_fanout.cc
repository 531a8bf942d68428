#include "media_svc/net/stream_fanout.h"

#include <algorithm>
#include <utility>

#include "media_svc/net/player.h"
#include "media_svc/net/rtmp_connection.h"

namespace weir::media::net {
namespace {

// Players whose memory is asked for before it is their turn: those of many streams fit no cache,
// and a write takes long enough for it to come.
constexpr std::size_t kAhead = 2;

}  // namespace

StreamFanout::StreamFanout(std::string stream_id, RtmpWorker& worker)
    : stream_id_(std::move(stream_id)),
      attachment_(worker.context.registry.attach(stream_id_, worker.id)),
      worker_(worker),
      delivered_(log().end()) {
  log().set_listener(this);
}

StreamFanout::~StreamFanout() { log().set_listener(nullptr); }

void StreamFanout::remove(Player& player) {
  const auto found = std::ranges::find(players_, &player);
  if (found == players_.end()) return;
  *found = players_.back();
  players_.pop_back();
}

void StreamFanout::want() {
  if (!wish_) wish_ = worker_.context.relay_desk.want(stream_id_, worker_);
}

void StreamFanout::on_begin() {
  wish_.stream_changed();
  tell_each([](Player& player) { player.on_published(); });
}

void StreamFanout::on_frames() {
  if (collecting_) return;
  worker_.pace(steady_now());
  const Duration interval = worker_.merge_interval();
  if (interval == Duration{0}) return deliver();
  collecting_ = true;
  worker_.sends.join(shared_from_this(), interval);
}

// What its publisher sent meanwhile goes along instead of waiting for the next round.
void StreamFanout::on_round() {
  worker_.reads.run_now();
  deliver();
}

void StreamFanout::on_end(hub::EndReason reason) {
  wish_.stream_changed();
  deliver();
  tell_each([reason](Player& player) { player.on_unpublished(reason); });
}

// Who hears of it may leave, the last one too.
template <class Tell>
void StreamFanout::tell_each(const Tell& tell) {
  const auto alive = shared_from_this();
  for (Player* player : std::vector(players_)) tell(*player);
}

void StreamFanout::deliver() {
  collecting_ = false;
  const SteadyTime now = steady_now();
  Gathering& gathering = worker_.shared_gathering;
  // What the ring no longer has is for each player's cursor to skip.
  delivered_ = std::max(delivered_, log().first());
  for (std::size_t i = 0; i < std::min(kAhead, players_.size()); ++i) players_[i]->prefetch();
  while (delivered_ < log().end()) {
    const auto count = std::min<hub::Sequence>(log().end() - delivered_, Gathering::kFrames);
    for (hub::Sequence i = 0; i < count; ++i) gathering.slots()[i] = &log().at(delivered_ + i);
    gathering.gather(count, {});
    for (std::size_t i = 0; i < players_.size(); ++i) {
      if (i + kAhead < players_.size()) players_[i + kAhead]->prefetch();
      if (i + 1 < players_.size()) players_[i + 1]->prefetch_connection();
      players_[i]->deliver(gathering, delivered_, now);
    }
    worker_.wrote(count, players_.size());
    delivered_ += count;
  }
}

}  // namespace weir::media::net
