#include "media_svc/admission/admission_machine.h"

#include <array>
#include <cstddef>

namespace weir::media::admission {
namespace {

constexpr std::size_t kMaxActions = 3;

struct Transition {
  State from;
  Event event;
  State to;
  std::array<Action, kMaxActions> actions;
  std::size_t action_count;
};

template <class... Actions>
constexpr Transition on(State from, Event event, State to, Actions... actions) {
  static_assert(sizeof...(actions) <= kMaxActions);
  return {from, event, to, {actions...}, sizeof...(actions)};
}

using enum State;
using enum Event;
using enum Action;

// The table of the header, row by row.
constexpr Transition kTransitions[] = {
    on(kIdle, kClaimed, kAsking, kAsk),
    on(kIdle, kNameTaken, kOver, kRefuse),
    on(kIdle, kDraining, kOver, kRefuse),
    on(kIdle, kClientDone, kOver),
    on(kIdle, kClientLost, kOver),

    on(kAsking, kAdmitted, kHolding, kHold),
    on(kAsking, kDenied, kOver, kLetGo, kRefuse),
    on(kAsking, kDeadline, kAbandoned, kLetGo, kRefuse),
    on(kAsking, kDraining, kAbandoned, kLetGo, kRefuse),
    on(kAsking, kClientDone, kAbandoned, kLetGo),
    on(kAsking, kClientLost, kAbandoned, kLetGo),

    on(kAbandoned, kAdmitted, kOver, kGiveBack),
    on(kAbandoned, kDenied, kOver),

    on(kHolding, kHeld, kStarted, kStart, kReportStarted),
    on(kHolding, kNotHeld, kOver, kLetGo, kGiveBack, kRefuse),
    on(kHolding, kDraining, kOver, kLetGo, kGiveBack, kRefuse),
    on(kHolding, kClientDone, kOver, kLetGo, kGiveBack),
    on(kHolding, kClientLost, kOver, kLetGo, kGiveBack),
    on(kHolding, kRevoked, kOver, kLetGo, kRefuse),

    on(kStarted, kClientDone, kOver, kLetGo, kReportCompleted),
    on(kStarted, kClientLost, kOver, kLetGo, kReportInterrupted),
    on(kStarted, kSilence, kSilent, kReportInterrupted),
    on(kStarted, kMoved, kOver, kLetGo, kReportInterrupted, kClose),
    on(kStarted, kRevoked, kOver, kLetGo, kClose),

    on(kSilent, kMedia, kStarted),
    on(kSilent, kClientDone, kOver, kLetGo, kReportCompleted),
    on(kSilent, kClientLost, kOver, kLetGo),
    on(kSilent, kMoved, kOver, kLetGo, kClose),
    on(kSilent, kRevoked, kOver, kLetGo, kClose),
};

}  // namespace

std::span<const Action> AdmissionMachine::step(Event event) {
  for (const Transition& transition : kTransitions) {
    if (transition.from != state_ || transition.event != event) continue;
    state_ = transition.to;
    return {transition.actions.data(), transition.action_count};
  }
  return {};
}

std::string_view name(State state) {
  switch (state) {
    case kIdle:
      return "idle";
    case kAsking:
      return "asking";
    case kAbandoned:
      return "abandoned";
    case kHolding:
      return "holding";
    case kStarted:
      return "started";
    case kSilent:
      return "silent";
    case kOver:
      return "over";
  }
  return "";
}

std::string_view name(Event event) {
  switch (event) {
    case kClaimed:
      return "claimed";
    case kNameTaken:
      return "name_taken";
    case kAdmitted:
      return "admitted";
    case kDenied:
      return "denied";
    case kDeadline:
      return "deadline";
    case kHeld:
      return "held";
    case kNotHeld:
      return "not_held";
    case kDraining:
      return "draining";
    case kClientDone:
      return "client_done";
    case kClientLost:
      return "client_lost";
    case kSilence:
      return "silence";
    case kMedia:
      return "media";
    case kMoved:
      return "moved";
    case kRevoked:
      return "revoked";
  }
  return "";
}

std::string_view name(Action action) {
  switch (action) {
    case kAsk:
      return "ask";
    case kHold:
      return "hold";
    case kStart:
      return "start";
    case kRefuse:
      return "refuse";
    case kLetGo:
      return "let_go";
    case kGiveBack:
      return "give_back";
    case kReportStarted:
      return "report_started";
    case kReportCompleted:
      return "report_completed";
    case kReportInterrupted:
      return "report_interrupted";
    case kClose:
      return "close";
  }
  return "";
}

}  // namespace weir::media::admission
