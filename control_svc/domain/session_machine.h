// The life of one session:
//
//   state         input                             becomes
//   –             open                              PENDING
//   PENDING       touch of any kind, STARTED        ACTIVE
//   ACTIVE        touch of any kind                 ACTIVE, renewed
//   interrupted   touch or STARTED of its holder    ACTIVE; a touch of anybody else is no news
//   PAUSED        resume, single touch              ACTIVE; touches in bulk change nothing
//   PENDING, ACTIVE, PAUSED   interrupt             interrupted: a publisher has the reconnect
//                                                   grace from now, a player goes on as before
//   ACTIVE (play) pause                             PAUSED
//   any live      adopt                             ACTIVE; PENDING if it never started
//   any live      end, or its deadline              ENDED, for good
//
// IDLE is not written: it is ACTIVE and silent, or an interrupted publisher. Whatever the table
// does not name changes nothing, or is refused where somebody asked for it (pause, resume).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "control_svc/domain/context.h"
#include "control_svc/domain/event.h"
#include "control_svc/domain/session.h"

namespace weir::control::domain {

enum class SessionInput : std::uint8_t {
  // By TouchSession.
  kTouch,
  // In bulk, on behalf of anybody.
  kBulkTouch,
  // In bulk, by the instance that holds the session.
  kHolderTouch,
  kStarted,
  kInterrupt,
  kPause,
  kResume,
};

struct SessionStep {
  // The state does not allow what was asked.
  bool refused = false;
  // The record differs, if only by a deadline.
  bool changed = false;
  // The written transition, if there was one.
  std::optional<EventType> event = {};
};

// The connection that a session is opened for, or taken up by.
struct Connection {
  std::string_view instance_id = {};
  // See holder_digest(); 0 when an application asks.
  std::uint32_t holder = 0;
  std::int64_t epoch = 0;
  SessionTexts client = {};
};

// How a session comes to its end.
struct Ending {
  EndReason reason{};
  WallTime time{};
  // Both may be empty.
  std::string_view by = {};
  std::string_view message = {};
};

// Starts the life of a session whose id, kind, texts, epoch and holder are set.
void open(Session& session, const Context& context);
// The caller has made sure that the session is live.
SessionStep step(Session& session, SessionInput input, const Context& context);
// A new connection goes on with the session.
void adopt(Session& session, const Connection& connection, const Context& context);
// An application takes up an interrupted session: its connection is still to come.
void extend_for_connection(Session& session, const Context& context);
// Its connection has to start anew, on another stream.
void move_to_stream(Session& session, std::string_view stream_id, const Context& context);
// Whatever the clocks say, it does not end before it was admitted.
void end(Session& session, const Ending& ending, const Context& context);
// The deadline again from now, in full: after a restart, whose clock is another.
void rearm(Session& session, const Context& context);

}  // namespace weir::control::domain
