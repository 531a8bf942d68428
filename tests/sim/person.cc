#include "tests/sim/person.h"

#include <algorithm>
#include <utility>

namespace weir::sim {

using domain::SessionKind;

void Person::start() {
  world_.timeline().after(world_.random().between(Duration{0}, Duration{10'000}),
                          [this] { act(); });
}

void Person::act() {
  const std::size_t dice = world_.random().below(100);
  if (held_.empty() || dice < 15) {
    admit();
  } else if (dice < 20) {
    admit_again();
  } else if (dice < 50) {
    renew_one();
  } else if (dice < 80) {
    renew_all();
  } else if (dice < 97) {
    change_one();
  } else {
    administrate();
  }
  world_.timeline().after(world_.random().between(Duration{500}, Duration{9'000}),
                          [this] { act(); });
}

std::string Person::any_stream() {
  return "live/" +
         std::to_string(world_.random().below(static_cast<std::size_t>(world_.settings().streams)));
}

void Person::admit() {
  Random& random = world_.random();
  domain::AdmitRequest request;
  request.user_id = name_;
  request.stream_id = any_stream();
  request.kind = random.chance(0.3) ? SessionKind::kPublish : SessionKind::kPlay;
  if (random.chance(0.5)) request.request_id = name_ + "-" + std::to_string(++requests_);
  if (random.chance(0.05)) request.validate_only = true;
  if (!held_.empty() && random.chance(0.1)) {
    request.replace_session_ids.push_back(held_[random.below(held_.size())].session_id);
  }
  last_request_ = request;
  sent(request);
}

// As a client does that has heard no answer, or that presses the button twice.
void Person::admit_again() {
  if (last_request_.request_id.empty()) return admit();
  sent(last_request_);
}

void Person::sent(const domain::AdmitRequest& request) {
  world_.admit(name_, request, [this, request](const auto& outcome) {
    if (!outcome) {
      if (!request.request_id.empty()) sent(request);
      return;
    }
    if (!*outcome || request.validate_only) return;
    const std::string id = (*outcome)->session.id.str();
    remove(id);
    held_.push_back({id, request.stream_id});
    const std::string& instance = (*outcome)->route.instance_id;
    // Others never come.
    if (instance.empty() || !world_.random().chance(0.5)) return;
    go_to_(instance, {name_, request.stream_id, request.kind});
  });
}

void Person::remove(const std::string& session_id) {
  std::erase_if(held_, [&](const Held& held) { return held.session_id == session_id; });
}

void Person::renew_one() {
  const Held held = held_[world_.random().below(held_.size())];
  world_.touch(name_, {held.session_id, name_, held.stream_id},
               [this, id = held.session_id](const auto& outcome) {
                 if (outcome && !*outcome) remove(id);
               });
}

void Person::renew_all() {
  std::vector<domain::SessionId> sessions;
  sessions.reserve(held_.size());
  for (const Held& held : held_) {
    sessions.push_back(domain::SessionId::parse(held.session_id).value());
  }
  world_.touch_many(name_, sessions, [this, sessions](const auto& outcome) {
    if (!outcome || !*outcome) return;
    for (const domain::TouchFailure& failure : **outcome) remove(sessions[failure.place].str());
  });
}

void Person::change_one() {
  const std::size_t which = world_.random().below(held_.size());
  const std::string id = held_[which].session_id;
  const auto ignore = [](const auto&) {};
  const auto operation = [this, id](const std::string& what, auto member) {
    world_.call<domain::UserSession>(
        name_, {name_, id}, what + " " + id,
        [this, id, member](ControlNode& control, auto answer) {
          (control.operations().*member)(id, world_.timeline().clocks(), std::move(answer));
        },
        [](const auto&) {});
  };
  switch (world_.random().below(5)) {
    case 0:
      return operation("pauses", &store::SessionOperations::pause);
    case 1:
      return operation("resumes", &store::SessionOperations::resume);
    case 2:
      remove(id);
      return operation("releases", &store::SessionOperations::release);
    case 3:
      // Gone without a word.
      return remove(id);
    default:
      break;
  }
  const std::string stream = any_stream();
  held_[which].stream_id = stream;
  world_.call<domain::SwitchAnswer>(
      name_, {name_, id, stream}, "switches " + id + " to " + stream,
      [this, id, stream](ControlNode& control, auto answer) {
        control.operations().switch_stream({id, stream}, world_.timeline().clocks(),
                                           std::move(answer));
      },
      ignore);
}

// What an operator does to this user now and then.
void Person::administrate() {
  Random& random = world_.random();
  if (random.chance(0.3)) return kick_newest();
  if (!held_.empty() && random.chance(0.5)) {
    const std::string id = held_[random.below(held_.size())].session_id;
    const bool whole_user = random.chance(0.3);
    world_.call<domain::UserSession>(
        "operator", {name_, id}, "kicks " + id,
        [this, id, whole_user](ControlNode& control, auto answer) {
          domain::KickRequest request;
          request.session_id = id;
          request.whole_user = whole_user;
          request.by = "operator";
          control.operations().kick(request, world_.timeline().clocks(), std::move(answer));
        },
        [](const auto&) {});
    return;
  }
  domain::LimitsUpdate update;
  update.user_id = name_;
  update.max_play_sessions = std::optional<std::int32_t>(static_cast<int>(random.below(6)));
  update.policy = static_cast<domain::LimitPolicy>(random.below(4));
  world_.call<domain::UserLimitsAnswer>(
      "operator", {name_}, "sets the limits of " + name_,
      [this, update](ControlNode& control, auto answer) {
        control.operations().update_limits(update, world_.timeline().clocks(), std::move(answer));
      },
      [](const auto&) {});
}

// Out of a list, where it is seen before its own client has heard of it.
void Person::kick_newest() {
  world_.call<domain::UserSession>(
      "operator", {name_}, "kicks the newest session of " + name_,
      [this](ControlNode& control, const store::Callback<domain::UserSession>& answer) {
        domain::SessionFilter filter;
        filter.user_id = name_;
        control.operations().list(filter, world_.timeline().clocks(), [&, answer](auto page) {
          if (!page) return answer(page.error());
          if (page->sessions.empty()) {
            return answer(domain::refuse(domain::RefusalReason::kSessionNotFound, ""));
          }
          domain::KickRequest request;
          request.session_id = page->sessions.back().session.id.str();
          request.whole_user = true;
          control.operations().kick(request, world_.timeline().clocks(), answer);
        });
      },
      [](const auto&) {});
}

}  // namespace weir::sim
