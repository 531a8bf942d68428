#include "control_svc/store/stream_mover.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "control_svc/domain/session.h"

namespace weir::control::store {
namespace {

using domain::InstanceRecord;
using domain::InstanceSnapshot;

// Who came late is found after so long.
constexpr Duration kSearchInterval = std::chrono::seconds{2};
// Then whoever was sent somewhere is in its reports.
constexpr Duration kArrival = std::chrono::seconds{5};

std::uint32_t holder_of(const InstanceRecord& instance) {
  return domain::holder_digest(instance.instance_id, instance.incarnation);
}

}  // namespace

StreamMover::StreamMover(RecordStore& store, SessionOperations& sessions, Sink sink)
    : store_(store), sessions_(sessions), sink_(std::move(sink)) {}

void StreamMover::step(Now now, std::function<void()> done) { run(now, std::move(done)); }

void StreamMover::begin_again(std::string_view instance_id) {
  const std::scoped_lock lock(mutex_);
  begin_again_.emplace(instance_id);
}

Operation StreamMover::run(Now now, std::function<void()> done) {
  const auto fleet = co_await awaited<Loaded<domain::FleetSnapshot>>(
      [this](auto next) { store_.load_fleet(std::move(next)); });
  if (!fleet) co_return done();
  const std::vector<InstanceSnapshot> moving = plan(*fleet->record, now.steady);
  std::vector<std::uint32_t> searched;
  for (const InstanceSnapshot& instance : moving) {
    if (needs_search(plans_[instance->instance_id], now.steady)) {
      searched.push_back(holder_of(*instance));
    }
  }
  if (!searched.empty()) {
    auto held = co_await awaited<HeldByInstance>(
        [&](auto next) { find_held(store_, searched, std::move(next)); });
    if (!held) co_return done();
    for (const InstanceSnapshot& instance : moving) {
      const auto found = held->find(holder_of(*instance));
      if (found != held->end()) fill(plans_[instance->instance_id], found->second, now.steady);
    }
  }
  for (const InstanceSnapshot& instance : moving) {
    ask_due(*fleet->record, *instance, plans_[instance->instance_id], now);
  }
  done();
}

std::vector<InstanceSnapshot> StreamMover::plan(const domain::FleetRecord& fleet, SteadyTime now) {
  std::map<std::string, Plan> before = std::exchange(plans_, {});
  {
    const std::scoped_lock lock(mutex_);
    for (const std::string& id : begin_again_) before.erase(id);
    begin_again_.clear();
  }
  std::vector<InstanceSnapshot> moving;
  for (const InstanceSnapshot& instance : fleet.instances) {
    if (!domain::moves_streams(*instance, now)) continue;
    moving.push_back(instance);
    Plan fresh;
    fresh.generation = instance->drain->generation;
    fresh.credited = now;
    const auto old = before.find(instance->instance_id);
    const bool goes_on = old != before.end() && old->second.generation == fresh.generation;
    plans_[instance->instance_id] = goes_on ? std::move(old->second) : std::move(fresh);
  }
  return moving;
}

bool StreamMover::needs_search(const Plan& plan, SteadyTime now) const {
  const bool never = plan.searched == SteadyTime::min();
  return never || (plan.waiting.empty() && now - plan.searched >= kSearchInterval);
}

void StreamMover::fill(Plan& plan, const HeldStreams& held, SteadyTime now) {
  const bool first = plan.searched == SteadyTime::min();
  for (const HeldPublisher& publisher : held.publishers) {
    if (first || !publisher.moving) plan.waiting.push_back(publisher.session);
  }
  plan.searched = now;
}

void StreamMover::ask_due(const domain::FleetRecord& fleet, const InstanceRecord& instance,
                          Plan& plan, Now now) {
  plan.pace = std::max(
      plan.pace, domain::move_pace(plan.waiting.size(), instance.drain->deadline - now.steady));
  plan.credit += plan.pace * std::chrono::duration<double>(now.steady - plan.credited).count();
  plan.credited = now.steady;
  domain::OnTheirWay coming = on_their_way(now.steady);
  while (plan.credit >= 1 && !plan.waiting.empty()) {
    const InstanceRecord* target = domain::pick_instance(fleet, instance.instance_id, coming);
    if (target == nullptr) break;
    ask(instance, plan.waiting.front(), *target, now);
    plan.waiting.pop_front();
    ++coming[target->instance_id];
    --plan.credit;
  }
  // Nobody to ask, or nowhere to go: that is no credit for later.
  plan.credit = std::fmod(plan.credit, 1.0);
}

void StreamMover::ask(const InstanceRecord& instance, const domain::SessionId& session,
                      const InstanceRecord& target, Now now) {
  sent_.emplace_back(now.steady, target.instance_id);
  sessions_.ask_to_move(session, holder_of(instance), now,
                        [this, instance_id = instance.instance_id,
                         route = target.route](const domain::Outcome<domain::UserSession>& asked) {
                          // Gone meanwhile, which is what was wanted.
                          if (!asked) return;
                          sink_({.instance_id = instance_id,
                                 .session = asked->session.id,
                                 .epoch = asked->session.epoch,
                                 .target = route});
                        });
}

domain::OnTheirWay StreamMover::on_their_way(SteadyTime now) {
  while (!sent_.empty() && now - sent_.front().first >= kArrival) sent_.pop_front();
  domain::OnTheirWay coming;
  for (const auto& [when, instance_id] : sent_) ++coming[instance_id];
  return coming;
}

}  // namespace weir::control::store
