#include "tests/sim/control_node.h"

#include <utility>

#include "control_svc/store/record_codec.h"

namespace weir::sim {

namespace {

constexpr Duration kTick{50};
constexpr Duration kMoveInterval{100};
constexpr std::size_t kDuePerTick = 1'000;

class SeededIds final : public store::SessionIdSource {
 public:
  explicit SeededIds(Random& random) : random_(random) {}
  domain::SessionId next(std::string_view user_id) override {
    const std::uint64_t high = random_.number();
    return {domain::bucket_of(user_id), high, random_.number()};
  }

 private:
  Random& random_;
};

}  // namespace

ControlNode::ControlNode(Disk& disk, Timeline& timeline, Random& random, PlantedFault planted,
                         const domain::Settings& settings, bool recovering, CommitWatch watch)
    : timeline_(timeline),
      planted_(planted),
      journal_(disk, timeline, random, planted, std::move(watch)),
      store_(journal_),
      records_(store_, timeline, random, planted) {
  const SteadyTime hold_until =
      recovering ? timeline.now() + settings.recovery_hold : SteadyTime::min();
  restore(disk, {settings, timeline.clocks(), hold_until});
  operations_ = std::make_unique<store::SessionOperations>(
      records_, settings, [this](const domain::EndNotice& notice) { lines_.tell(notice); },
      hold_until, std::make_unique<SeededIds>(random));
  domain::FleetSettings fleet = fleet_rules();
  if (planted == PlantedFault::kGrantsToAll) fleet.shutdown.max_draining_fraction = 1;
  fleet_ = std::make_unique<store::FleetOperations>(
      records_, *operations_, fleet, timeline.now(),
      store::FleetSinks{
          .lost = [this](const domain::LostIncarnation& lost) { lines_.drop(lost); },
          .ordered = [this](const domain::InstanceRecord& instance) { lines_.tell(instance); }});
  mover_ = std::make_unique<store::StreamMover>(
      records_, *operations_, [this](const domain::MoveOrder& order) { lines_.tell(order); });
}

void ControlNode::start() {
  fleet_->finish_losses(timeline_.clocks());
  repeat(kTick, [this] { tick(); });
  repeat(fleet_->settings().report_interval / 2, [this] { watch_fleet(); });
  repeat(kMoveInterval, [this] { move_streams(); });
}

ControlNode::~ControlNode() {
  journal_.crash();
  records_.stop();
}

void ControlNode::restore(const Disk& disk, const domain::Context& context) {
  for (const auto& [user, bytes] : disk.users) {
    store_.restore(store::decode_user(bytes, context).value());
  }
  for (const auto& [stream, bytes] : disk.claims) {
    store_.restore(store::decode_claim(bytes, context).value());
  }
  if (!disk.fleet.empty()) {
    store_.restore(std::make_shared<const domain::FleetRecord>(
        store::decode_fleet(disk.fleet, context.now).value()));
  }
}

void ControlNode::tick() {
  Now now = timeline_.clocks();
  if (planted_ == PlantedFault::kEarlyExpiry) now.steady += std::chrono::seconds{1};
  operations_->expire_due(now, kDuePerTick, [](std::size_t) {});
}

void ControlNode::watch_fleet() {
  Now now = timeline_.clocks();
  if (planted_ == PlantedFault::kEarlyLoss) now.steady += std::chrono::seconds{10};
  fleet_->watch(lines_.sightings(fleet_->settings(), timeline_.now()), now, [] {});
}

void ControlNode::move_streams() {
  if (std::exchange(moving_, true)) return;
  mover_->step(timeline_.clocks(), [this] { moving_ = false; });
}

void ControlNode::repeat(Duration interval, const std::function<void()>& what) {
  what();
  timeline_.after(interval, [this, interval, what, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) repeat(interval, what);
  });
}

}  // namespace weir::sim
