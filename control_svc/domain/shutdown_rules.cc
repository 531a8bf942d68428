#include "control_svc/domain/shutdown_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "control_svc/domain/shutdown_queue.h"

namespace weir::control::domain {
namespace {

Refusal unknown_instance() {
  return refuse(RefusalReason::kInstanceNotFound, "there is no instance of this name");
}

Drain plan(const ShutdownRequest& request, const ShutdownSettings& settings, SteadyTime now) {
  Drain drain = is_urgent(request.cause) ? plan_urgent(request.time_left, settings, now)
                                         : plan_by_choice(request.wish, settings, now);
  drain.cause = request.cause;
  drain.message = request.message;
  return drain;
}

// One request under decision; `place` stays valid until it is answered.
class ShutdownDecision {
 public:
  ShutdownDecision(FleetRecord fleet, const ShutdownRequest& request,
                   const ShutdownSettings& settings, Now now)
      : request_(request), settings_(settings), change_(std::move(fleet), now) {}

  FleetRuling<ShutdownAnswer> decide() {
    place_ = change_.find(request_.instance_id);
    if (auto refusal = refuse_request()) return {*std::move(refusal)};
    take_load();
    Outcome<ShutdownAnswer> answer = choose();
    return {std::move(answer), change_.finish()};
  }

 private:
  const InstanceRecord& instance() const { return **place_; }
  SteadyTime now() const { return change_.now().steady; }

  std::optional<Refusal> refuse_request() const {
    if (place_ == nullptr) return unknown_instance();
    const bool from_instance = !request_.incarnation.empty();
    if (from_instance && request_.incarnation != instance().incarnation) {
      return refuse(RefusalReason::kStaleIncarnation, "the instance has started anew since");
    }
    if (!from_instance && instance().gone()) {
      return refuse(RefusalReason::kInvalidState, "the instance is gone");
    }
    return std::nullopt;
  }

  void take_load() {
    if (!request_.load || instance().load == *request_.load) return;
    InstanceRecord record = instance();
    record.load = *request_.load;
    change_.replace(*place_, std::move(record));
  }

  ShutdownAnswer choose() {
    const bool urgent = is_urgent(request_.cause);
    if (instance().drain) return urgent ? shorten() : *instance().drain;
    if (urgent) return grant();
    drop_lapsed(change_.edit().queue, now());
    const auto ahead = ahead_of(change_.record().queue, request_.instance_id, settings_, now());
    if (frozen(change_.record(), now())) return deny(DenialReason::kFrozen, ahead.size());
    if (request_.force) return grant();
    if (const auto reason = objection(change_.record(), request_.instance_id, ahead, settings_)) {
      return deny(*reason, ahead.size());
    }
    return grant();
  }

  ShutdownAnswer grant() { return begin(plan(request_, settings_, now())); }

  // The standing drain goes on, but never for longer than it would; moving starts when grace ends.
  ShutdownAnswer shorten() {
    const Drain& standing = *instance().drain;
    Drain drain = plan(request_, settings_, now());
    const bool no_news = is_urgent(standing.cause) && drain.deadline >= standing.deadline;
    if (no_news || instance().state == InstanceState::kStopped) return standing;
    drain.requested = standing.requested;
    drain.grace_end = std::min(drain.grace_end, standing.grace_end);
    drain.migrate_at = drain.grace_end;
    drain.deadline = std::min(drain.deadline, standing.deadline);
    return begin(std::move(drain));
  }

  Drain begin(Drain drain) {
    leave_queue(change_.edit().queue, request_.instance_id);
    InstanceRecord record = instance();
    drain.generation = ++record.drain_generation;
    const bool first = !record.drain.has_value();
    const bool silent = record.when_heard() != record.state;
    record.drain = drain;
    if (first && silent) record.resumes_as = InstanceState::kGrace;
    change_.replace(*place_, std::move(record));
    if (first && !silent) change_.become(*place_, InstanceState::kGrace);
    change_.order(*place_);
    return drain;
  }

  // One and a half lifetimes from its start. The lifetime is the instance's own: how old it is when
  // it first asks stands for it.
  SteadyTime starves_at() const {
    if (request_.cause != ShutdownCause::kLifetime) return SteadyTime::max();
    const Duration age = change_.now().wall - instance().started;
    return now() + std::max(age, Duration::zero()) / 2;
  }

  ShutdownAnswer deny(DenialReason reason, std::size_t ahead) {
    take_place(change_.edit().queue, request_.instance_id, starves_at(), settings_, now());
    return ShutdownDenial{.reason = reason,
                          .retry_after = settings_.retry_after,
                          .queue_position = static_cast<int>(ahead) + 1};
  }

  const ShutdownRequest& request_;
  const ShutdownSettings& settings_;
  FleetChange change_;
  InstanceSnapshot* place_ = nullptr;
};

}  // namespace

FleetRuling<ShutdownAnswer> decide_shutdown(FleetRecord fleet, const ShutdownRequest& request,
                                            const ShutdownSettings& settings, Now now) {
  return ShutdownDecision(std::move(fleet), request, settings, now).decide();
}

FleetRuling<InstanceSnapshot> cancel_drain(FleetRecord fleet, std::string_view instance_id,
                                           Now now) {
  FleetChange change(std::move(fleet), now);
  InstanceSnapshot* place = change.find(instance_id);
  if (place == nullptr) return {unknown_instance()};
  if (!(*place)->drain || (*place)->gone()) {
    return {refuse(RefusalReason::kInvalidState, "the instance does not drain")};
  }
  if (is_urgent((*place)->drain->cause)) {
    return {refuse(RefusalReason::kShutdownIrrevocable,
                   "the orchestrator ends the process; that cannot be taken back")};
  }
  const auto drain_end = change.end_of_drain(**place, DrainOutcome::kCancelled);
  InstanceRecord record = **place;
  record.drain.reset();
  InstanceState& state =
      record.state == InstanceState::kUnreachable ? record.resumes_as : record.state;
  state = InstanceState::kActive;
  record.changed = now.steady;
  change.replace(*place, std::move(record));
  change.note(InstanceEventType::kDrainCancelled, *place, drain_end);
  change.order(*place);
  const InstanceSnapshot answer = *place;
  return {answer, change.finish()};
}

FleetRuling<InstanceSnapshot> set_cordon(FleetRecord fleet, std::string_view instance_id, bool on,
                                         Now now) {
  FleetChange change(std::move(fleet), now);
  InstanceSnapshot* place = change.find(instance_id);
  if (place == nullptr) return {unknown_instance()};
  if ((*place)->cordoned != on) {
    InstanceRecord record = **place;
    record.cordoned = on;
    change.replace(*place, std::move(record));
    change.note(on ? InstanceEventType::kCordoned : InstanceEventType::kUncordoned, *place);
    change.order(*place);
  }
  const InstanceSnapshot answer = *place;
  return {answer, change.finish()};
}

FleetRuling<std::optional<DrainFreeze>> set_freeze(FleetRecord fleet,
                                                   std::optional<DrainFreeze> freeze, Now now) {
  FleetChange change(std::move(fleet), now);
  change.edit().freeze = freeze;
  return {std::move(freeze), change.finish()};
}

std::size_t count_starved(const FleetRecord& fleet, const ShutdownSettings& settings,
                          SteadyTime now) {
  return static_cast<std::size_t>(std::ranges::count_if(fleet.queue, [&](const QueuePlace& place) {
    return now < place.lapses_at && starved(place, settings, now);
  }));
}

}  // namespace weir::control::domain
