// How an instance comes to its end: when it asks, what it gives up when, and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "common/clock.h"

namespace weir::media::drain {

enum class State : std::uint8_t {
  kServing,
  // Wants to go, and takes new work as before: control has been asked, or is asked again later.
  kAsking,
  // Granted: not ready any more, but whoever is on the way here is still taken.
  kGrace,
  // New work is refused; streams finish or are moved.
  kDraining,
  // All is closed; control is told what it has not heard yet.
  kReporting,
  kDone,
};

// Control's permission, or its wish. Durations count from its arrival.
struct Grant {
  // Rises with each drain of the instance.
  std::int64_t generation = 0;
  Duration grace{0};
  Duration deadline{0};
};

// The lifetime, a retry, grace or a deadline may be over.
struct TimePassed {};
// SIGTERM. A second one closes at once.
struct Terminate {};
// SIGINT: somebody at a terminal does not wait.
struct Interrupt {};
// The orchestrator's preStop: like the first SIGTERM, but a SIGTERM that follows is not a second.
struct PreStop {};
// Control's answer, or an order that it gives unasked.
struct Granted {
  Grant grant;
};
struct Denied {
  Duration retry_after{0};
};
// Control cannot be reached, or does not know how to answer.
struct Unanswered {};
// Control takes the drain of this generation back.
struct Cancelled {
  std::int64_t generation = 0;
};
// Something is wrong here that only a restart cures, or is not any more; told again and again while
// that is so.
struct Unhealthy {};
struct Recovered {};
// No publisher, no player and no other instance's relay is here; told again and again while that is
// so.
struct Empty {};
// Control has taken all reports.
struct Reported {};

using Event = std::variant<TimePassed, Terminate, Interrupt, PreStop, Granted, Denied, Unanswered,
                           Cancelled, Unhealthy, Recovered, Empty, Reported>;

// What the driver does, in the order given.
enum class Action : std::uint8_t {
  // Ask control; exactly one of Granted, Denied and Unanswered follows.
  kAsk,
  kReadinessOff,
  kReadinessOn,
  // New publishers and players are refused from now on, or taken again.
  kRefuse,
  kAccept,
  // Close the publishers that are left, each just before a keyframe.
  kMoveRest,
  // Close everything.
  kClose,
  // Wait for control to take the last reports.
  kReport,
  kExit,
};

// Why it ended, for the log and the orchestrator.
enum class Ending : std::uint8_t { kEmptied, kDeadline, kSecondSignal, kInterrupted };

struct Settings {
  // How long to serve before asking to go; unset: for ever.
  std::optional<Duration> lifetime;
  // The most that a drain takes, whatever control says: from the first SIGTERM or preStop, else
  // from the grant.
  Duration drain_deadline{3'600'000};
};

// Pure: no clock, no I/O. One a process, driven by ShutdownDriver.
//
// | state            | event                      | to        | actions |
// |------------------|----------------------------|-----------|---------|
// | Serving          | lifetime over              | Asking    | Ask |
// | Serving          | Unhealthy                  | Asking    | ReadinessOff Ask |
// | Asking           | Unhealthy                  | Asking    | ReadinessOff |
// | Asking           | Recovered                  | Serving   | ReadinessOn |
// | Asking, aged     | Recovered                  | Asking    | ReadinessOn |
// | Serving, Asking  | Terminate, PreStop         | Asking    | ReadinessOff Ask |
// | Asking           | Denied, Unanswered         | Asking    | – (Ask when the time has come) |
// | Asking, forced   | Unanswered, or no word     | Grace     | – (local policy) |
// | Serving, Asking  | Granted                    | Grace     | ReadinessOff |
// | Grace, Draining  | Granted                    | same      | – (new times; forced: no later) |
// | Grace, Draining  | first Terminate, PreStop   | same      | Ask |
// | Grace            | Cancelled, not forced      | Serving   | ReadinessOn |
// | Draining         | Cancelled, not forced      | Serving   | Accept ReadinessOn |
// | same, unhealthy  | Cancelled, not forced      | Asking    | Accept (Ask some time later) |
// | Grace            | grace over                 | Draining  | Refuse |
// | Grace            | Empty after SIGTERM        | Reporting | Refuse Close Report |
// | Draining         | shortly before deadline    | Draining  | MoveRest |
// | Draining         | Empty, deadline            | Reporting | Close Report |
// | up to Draining   | second Terminate, Interrupt| Reporting | ReadinessOff Refuse Close Report |
// | Reporting        | Reported, wait over, second Terminate, Interrupt | Done | Exit |
//
// Forced is what SIGTERM or preStop began: it can be neither denied nor taken back, nor does
// recovery end it. Aged: the lifetime is over. Anything else changes nothing. ReadinessOff and
// Refuse come only where it is not so already. Who recovers while it drains goes on: control has
// made room for that. An idle instance that gets SIGTERM does not wait for grace to be over: who
// sends it without a preStop has taken it out of the balancer before.
class ShutdownMachine {
 public:
  using Actions = std::vector<Action>;

  ShutdownMachine(Settings settings, SteadyTime start);

  Actions step(const Event& event, SteadyTime now);

  State state() const { return state_; }
  // When to step with TimePassed at the latest; nothing may be due.
  std::optional<SteadyTime> next_deadline() const;
  // The drain being carried out, by control's count; 0: none, or one by local policy.
  std::int64_t generation() const { return generation_; }
  // By SIGTERM or preStop.
  bool forced() const { return forced_at_.has_value(); }
  // What it asks for, if so, rather than because of its lifetime.
  bool unhealthy() const { return unhealthy_; }
  // Of a forced shutdown: until the process must be gone.
  Duration time_left(SteadyTime now) const;
  // Once Reporting.
  Ending ending() const { return ending_; }

 private:
  void on(const TimePassed& event, SteadyTime now);
  void on(const Terminate& event, SteadyTime now);
  void on(const Interrupt& event, SteadyTime now);
  void on(const PreStop& event, SteadyTime now);
  void on(const Granted& event, SteadyTime now);
  void on(const Denied& event, SteadyTime now);
  void on(const Unanswered& event, SteadyTime now);
  void on(const Cancelled& event, SteadyTime now);
  void on(const Unhealthy& event, SteadyTime now);
  void on(const Recovered& event, SteadyTime now);
  void on(const Empty& event, SteadyTime now);
  void on(const Reported& event, SteadyTime now);

  bool draining() const { return state_ == State::kGrace || state_ == State::kDraining; }
  bool lifetime_over(SteadyTime now) const { return lifetime_end_ && now >= *lifetime_end_; }
  void force(SteadyTime now);
  void ask(SteadyTime now);
  void ask_again_after(Duration pause, SteadyTime now);
  void drain_by_local_policy(SteadyTime now);
  void set_times(Duration grace, Duration deadline, SteadyTime now);
  void enter_grace();
  void finish(Ending ending, SteadyTime now);
  void set_ready(bool ready);
  void set_accepting(bool accepting);

  const Settings settings_;
  State state_ = State::kServing;
  Actions actions_;
  bool ready_ = true;
  bool accepting_ = true;
  bool signalled_ = false;
  bool unhealthy_ = false;

  std::optional<SteadyTime> lifetime_end_;
  // The first SIGTERM or preStop.
  std::optional<SteadyTime> forced_at_;
  // While an answer is waited for: when that ends. Otherwise: when to ask again.
  bool asked_ = false;
  SteadyTime ask_deadline_{};

  std::int64_t generation_ = 0;
  std::int64_t cancelled_generation_ = 0;
  SteadyTime drain_start_{};
  SteadyTime grace_end_{};
  // Unset once done.
  std::optional<SteadyTime> move_rest_at_;
  SteadyTime deadline_{};
  Ending ending_ = Ending::kEmptied;
};

std::string_view name(State state);
std::string_view name(Action action);
// A clause for people: "all streams had ended".
std::string_view text(Ending ending);

}  // namespace weir::media::drain
