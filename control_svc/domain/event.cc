#include "control_svc/domain/event.h"

namespace weir::control::domain {

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::kAdmitted:
      return "weir.session.admitted";
    case EventType::kStarted:
      return "weir.session.started";
    case EventType::kResumed:
      return "weir.session.resumed";
    case EventType::kInterrupted:
      return "weir.session.interrupted";
    case EventType::kPaused:
      return "weir.session.paused";
    case EventType::kContinued:
      return "weir.session.continued";
    case EventType::kSwitched:
      return "weir.session.switched";
    case EventType::kReleased:
      return "weir.session.released";
    case EventType::kExpired:
      return "weir.session.expired";
    case EventType::kKicked:
      return "weir.session.kicked";
    case EventType::kReplaced:
      return "weir.session.replaced";
    case EventType::kCompleted:
      return "weir.session.completed";
    case EventType::kFailed:
      return "weir.session.failed";
  }
  return {};
}

std::string_view name_of(InstanceEventType type) {
  switch (type) {
    case InstanceEventType::kStarting:
      return "weir.instance.starting";
    case InstanceEventType::kActive:
      return "weir.instance.active";
    case InstanceEventType::kUnreachable:
      return "weir.instance.unreachable";
    case InstanceEventType::kLost:
      return "weir.instance.lost";
    case InstanceEventType::kCordoned:
      return "weir.instance.cordoned";
    case InstanceEventType::kUncordoned:
      return "weir.instance.uncordoned";
    case InstanceEventType::kGrace:
      return "weir.instance.grace";
    case InstanceEventType::kDraining:
      return "weir.instance.draining";
    case InstanceEventType::kDrainCancelled:
      return "weir.instance.drain_cancelled";
    case InstanceEventType::kStopped:
      return "weir.instance.stopped";
  }
  return {};
}

bool begins_event_name(std::string_view prefix) {
  const auto begins_any = [prefix](auto last) {
    for (int type = 0; type <= static_cast<int>(last); ++type) {
      if (name_of(static_cast<decltype(last)>(type)).starts_with(prefix)) return true;
    }
    return false;
  };
  return begins_any(EventType::kFailed) || begins_any(InstanceEventType::kStopped);
}

EventType end_event(EndReason reason) {
  switch (reason) {
    case EndReason::kReleased:
      return EventType::kReleased;
    case EndReason::kKicked:
      return EventType::kKicked;
    case EndReason::kReplaced:
      return EventType::kReplaced;
    case EndReason::kCompleted:
      return EventType::kCompleted;
    case EndReason::kFailed:
      return EventType::kFailed;
    default:
      return EventType::kExpired;
  }
}

}  // namespace weir::control::domain
