// One publisher's or player's way from its request to its end: what happens next, and nothing
// else. The connection that drives it asks, holds and tells.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::media::admission {

enum class State : std::uint8_t {
  // Nothing asked yet. A publisher's name is claimed here, before control is asked.
  kIdle,
  // Control has been asked; media that comes meanwhile waits.
  kAsking,
  // Over for the client, but control's answer is still to come.
  kAbandoned,
  // Admitted; the stream is being held (publisher) or waited for (player).
  kHolding,
  // The client has heard Start.
  kStarted,
  // Started, but no media for a while; reported interrupted.
  kSilent,
  kOver,
};

enum class Event : std::uint8_t {
  // The client asked and may be served: its name is claimed (publisher), or it needs none (player).
  kClaimed,
  // The client asked, but its name is being claimed by another.
  kNameTaken,
  // Control's answer.
  kAdmitted,
  kDenied,
  // No answer in time.
  kDeadline,
  // The stream is held, or there to be played.
  kHeld,
  // It can't be held: a newer publisher has it; or a player waited for it in vain.
  kNotHeld,
  // This instance takes no new work from now on.
  kDraining,
  // The client said that it was done.
  kClientDone,
  // The client's connection was lost.
  kClientLost,
  // No media from a publisher for the time after which it counts as interrupted.
  kSilence,
  // Media again.
  kMedia,
  // A publisher is closed so that it goes on elsewhere.
  kMoved,
  // Control ended the session, or a newer publisher took the name over.
  kRevoked,
};

// What the driver does, in the order given.
enum class Action : std::uint8_t {
  // Ask control, and send kDeadline if it stays silent.
  kAsk,
  // Try to hold the stream; kHeld or kNotHeld follows.
  kHold,
  // Tell the client that it is admitted, and take what it sent meanwhile.
  kStart,
  // Tell the client why not. The driver knows which event led here.
  kRefuse,
  // Let the name go to others: claim or publication.
  kLetGo,
  // Give the session back to control: it never started.
  kGiveBack,
  // Tell control how the session goes. Exactly one end for each kReportStarted, except where
  // control ended it itself.
  kReportStarted,
  kReportCompleted,
  kReportInterrupted,
  // Close the connection's stream from our side, with a word why.
  kClose,
};

// Pure: no clock, no I/O. One a request, owned by the connection.
//
// | state     | event              | to        | actions |
// |-----------|--------------------|-----------|---------|
// | Idle      | Claimed            | Asking    | Ask |
// | Idle      | NameTaken, Draining| Over      | Refuse |
// | Idle      | ClientDone, -Lost  | Over      | – |
// | Asking    | Admitted           | Holding   | Hold |
// | Asking    | Denied             | Over      | LetGo Refuse |
// | Asking    | Deadline, Draining | Abandoned | LetGo Refuse |
// | Asking    | ClientDone, -Lost  | Abandoned | LetGo |
// | Abandoned | Admitted           | Over      | GiveBack |
// | Abandoned | Denied             | Over      | – |
// | Holding   | Held               | Started   | Start ReportStarted |
// | Holding   | NotHeld, Draining  | Over      | LetGo GiveBack Refuse |
// | Holding   | ClientDone, -Lost  | Over      | LetGo GiveBack |
// | Holding   | Revoked            | Over      | LetGo Refuse |
// | Started   | ClientDone         | Over      | LetGo ReportCompleted |
// | Started   | ClientLost         | Over      | LetGo ReportInterrupted |
// | Started   | Silence            | Silent    | ReportInterrupted |
// | Started   | Moved              | Over      | LetGo ReportInterrupted Close |
// | Started   | Revoked            | Over      | LetGo Close |
// | Silent    | Media              | Started   | – |
// | Silent    | ClientDone         | Over      | LetGo ReportCompleted |
// | Silent    | ClientLost         | Over      | LetGo |
// | Silent    | Moved, Revoked     | Over      | LetGo Close |
//
// Anything else changes nothing: a late or doubled event. After Media in Silent the connection's
// touches tell control that the session goes on.
class AdmissionMachine {
 public:
  State state() const { return state_; }
  // What to do now; the span lasts for ever.
  std::span<const Action> step(Event event);

 private:
  State state_ = State::kIdle;
};

std::string_view name(State state);
std::string_view name(Event event);
std::string_view name(Action action);

}  // namespace weir::media::admission
