// What happened, as watchers, logs and counters are told: one event a written transition.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "control_svc/domain/fleet_record.h"
#include "control_svc/domain/session.h"
#include "control_svc/domain/text.h"

namespace weir::control::domain {

enum class EventType : std::uint8_t {
  kAdmitted,
  kStarted,
  kResumed,
  kInterrupted,
  kPaused,
  kContinued,
  kSwitched,
  kReleased,
  kExpired,
  kKicked,
  kReplaced,
  kCompleted,
  kFailed,
};

// "weir.session.admitted", …
std::string_view name_of(EventType type);
// The event of an end with this reason.
EventType end_event(EndReason reason);

struct SessionEvent {
  EventType type{};
  Text user_id;
  // As it is after the transition.
  Session session;
  WallTime time{};
};

enum class InstanceEventType : std::uint8_t {
  kStarting,
  kActive,
  kUnreachable,
  kLost,
  kCordoned,
  kUncordoned,
  kGrace,
  kDraining,
  kDrainCancelled,
  kStopped,
};

// "weir.instance.starting", …
std::string_view name_of(InstanceEventType type);
// Whether the name of any event, of sessions or instances, begins like this.
bool begins_event_name(std::string_view prefix);

// How a drain ended.
enum class DrainOutcome : std::uint8_t { kEmptied, kDeadline, kCancelled, kLost };

struct DrainEnd {
  DrainOutcome outcome{};
  Duration lasted{0};
};

struct InstanceEvent {
  InstanceEventType type{};
  // As it is after the transition; shared with the fleet's record.
  InstanceSnapshot instance;
  WallTime time{};
  // With the transition a drain ended; not kept with the event.
  std::optional<DrainEnd> drain_end = {};
};

using Event = std::variant<SessionEvent, InstanceEvent>;

// To the instance that serves, or served, a session: its connection has to go. Lossy; control
// says it again after the instance's next Hello or touch.
struct EndNotice {
  Text instance_id;
  SessionId session;
  std::int64_t epoch = 0;
  EndReason reason{};
  Text message;
};

}  // namespace weir::control::domain
