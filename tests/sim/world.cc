#include "tests/sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weir::sim {
namespace {

// How long control takes to come back.
constexpr Duration kRestartMin{200};
constexpr Duration kRestartMax{60'000};

template <class Answer>
std::string told(const domain::Outcome<Answer>& outcome) {
  return outcome ? "yes" : "no: " + outcome.error().message;
}

std::string told(const domain::UserRecord& record) {
  std::string text = record.user_id.str() + ":";
  for (const domain::Session& session : record.sessions) {
    if (session.live()) text += " " + session.id.str();
  }
  return text;
}

}  // namespace

World::World(const WorldSettings& settings)
    : settings_(settings), random_(settings.seed), oracle_(timeline_, rules_) {
  boot();
}

void World::note(std::vector<std::string> about, std::string line) {
  trace_.note(timeline_.now(), std::move(about), std::move(line));
}

CommitWatch World::watch() {
  return {
      [this](const domain::UserRecord& record) {
        note({record.user_id.str()}, "control commits " + told(record));
        oracle_.user_committed(record);
      },
      [this](const domain::StreamClaim& claim, bool removed) {
        note({claim.stream_id.str(), claim.holder.str()},
             fmt::format("control: claim of {} {} epoch {} holder {}", claim.stream_id.view(),
                         removed ? "removed at" : "at", claim.epoch, claim.holder.str()));
        oracle_.claim_committed(claim, removed);
      },
      [this] {
        if (!std::exchange(dies_after_claim_, false)) return;
        timeline_.after(Duration{0}, [this] { restart_control(); });
      },
      [this](const domain::FleetRecord& fleet) { oracle_.fleet_committed(fleet); },
      [this](const domain::Event& event) {
        if (const auto* session = std::get_if<domain::SessionEvent>(&event)) {
          note({session->user_id.str(), session->session.id.str(),
                std::string(session->session.stream_id())},
               fmt::format("control: {} {} of {} on {}, epoch {}", domain::name_of(session->type),
                           session->session.id.str(), session->user_id.view(),
                           session->session.stream_id(), session->session.epoch));
        }
        if (const auto* instance = std::get_if<domain::InstanceEvent>(&event)) {
          note({instance->instance->instance_id},
               fmt::format("control: {} {}", domain::name_of(instance->type),
                           instance->instance->incarnation));
        }
        oracle_.event_told(event);
      }};
}

void World::boot() {
  control_ = std::make_unique<ControlNode>(disk_, timeline_, random_, settings_.planted, rules_,
                                           restarts_ > 0, watch());
  if (restarts_ > 0) oracle_.control_restarted(control_->records());
  control_->start();
}

void World::kill_control() {
  ++life_;
  attached_.clear();
  control_.reset();
  oracle_.control_killed();
}

void World::restart_control() {
  if (!control_) return;
  note({"*"}, "control: killed");
  ++restarts_;
  kill_control();
  timeline_.after(random_.between(kRestartMin, kRestartMax), [this] {
    note({"*"}, "control: up again");
    boot();
  });
}

void World::cut_off(const std::string& node, Duration how_long) {
  note({node}, fmt::format("network: {} cut off for {} ms", node, how_long.count()));
  cut_off_.insert(node);
  timeline_.after(how_long, [this, node] { cut_off_.erase(cut_off_.find(node)); });
}

void World::listen(const std::string& instance, Ears ears) {
  listeners_[instance] = std::move(ears);
}

void World::deliver(const domain::EndNotice& notice) {
  tell(notice.instance_id.str(), [notice](const Ears& ears) { ears.on_notice(notice); });
}

void World::deliver(const domain::MoveOrder& order) {
  oracle_.move_ordered(order);
  tell(order.instance_id, [order](const Ears& ears) { ears.on_move(order); });
}

void World::deliver(const domain::InstanceRecord& order) {
  tell(order.instance_id, [order](const Ears& ears) { ears.on_order(order); });
}

void World::tell(const std::string& instance, std::function<void(const Ears&)> what) {
  if (lost(instance)) return;
  timeline_.after(delay(), [this, instance, what = std::move(what)] {
    const auto listener = listeners_.find(instance);
    if (listener != listeners_.end()) what(listener->second);
  });
}

void World::closed(const Line& line) {
  attached_.erase(line);
  tell(line.instance_id, [line](const Ears& ears) { ears.on_closed(line); });
}

void World::admit(const std::string& from, domain::AdmitRequest request,
                  Heard<domain::AdmitAnswer> heard) {
  note({request.user_id, request.stream_id},
       fmt::format("{} asks: admit {} to {} {} {}", from, request.user_id,
                   request.kind == domain::SessionKind::kPublish ? "publish" : "play",
                   request.stream_id, request.request_id));
  ask<domain::AdmitAnswer>(
      from,
      [this, request](ControlNode& control, store::Callback<domain::AdmitAnswer> answer) {
        const Now now = timeline_.clocks();
        control.operations().admit(
            request, now,
            [this, request, now, life = life_,
             answer = std::move(answer)](domain::Outcome<domain::AdmitAnswer> outcome) {
              if (life == life_) {
                note({request.user_id, request.stream_id},
                     fmt::format("control answers {}: {}{}", request.user_id, told(outcome),
                                 outcome ? " " + outcome->session.id.str() : ""));
                oracle_.admission_answered(request, now.steady, outcome);
              }
              answer(std::move(outcome));
            });
      },
      std::move(heard));
}

void World::touch(const std::string& from, const domain::TouchRequest& request,
                  Heard<domain::UserSession> heard) {
  ask<domain::UserSession>(
      from,
      [this, request](ControlNode& control, store::Callback<domain::UserSession> answer) {
        const Now now = timeline_.clocks();
        oracle_.touch_asked(request.session_id);
        control.operations().touch(
            request, now,
            [this, request, now, life = life_,
             answer = std::move(answer)](domain::Outcome<domain::UserSession> outcome) {
              if (life == life_) {
                note({request.session_id, request.user_id},
                     fmt::format("control: touch of {}: {}", request.session_id, told(outcome)));
                oracle_.touch_answered(request.session_id, now.steady, outcome.has_value(), false);
              }
              answer(std::move(outcome));
            });
      },
      std::move(heard));
}

void World::touch_many(const std::string& from, std::vector<domain::SessionId> sessions,
                       Heard<std::vector<domain::TouchFailure>> heard) {
  using Failures = std::vector<domain::TouchFailure>;
  ask<Failures>(
      from,
      [this, sessions = std::move(sessions)](ControlNode&, store::Callback<Failures> answer) {
        renew(sessions, 0, std::move(answer));
      },
      std::move(heard));
}

void World::renew(const std::vector<domain::SessionId>& sessions, std::uint32_t holder,
                  store::Callback<std::vector<domain::TouchFailure>> answer) {
  using Failures = std::vector<domain::TouchFailure>;
  const Now now = timeline_.clocks();
  for (const domain::SessionId& id : sessions) oracle_.touch_asked(id.str());
  control_->operations().touch_many(
      sessions, holder, now,
      [this, sessions, holder, now, life = life_,
       answer = std::move(answer)](domain::Outcome<Failures> outcome) {
        if (life == life_) {
          for (std::size_t place = 0; place < sessions.size(); ++place) {
            const bool renewed =
                outcome &&
                std::ranges::find(*outcome, place, &domain::TouchFailure::place) == outcome->end();
            oracle_.touch_answered(sessions[place].str(), now.steady, renewed, holder != 0);
          }
        }
        answer(std::move(outcome));
      });
}

}  // namespace weir::sim
