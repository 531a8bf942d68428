#include "media_svc/drain/shutdown_machine.h"

#include <algorithm>
#include <utility>

namespace weir::media::drain {
namespace {

using namespace std::chrono_literals;

// Where SIGTERM waits for control's answer; after that, local policy.
constexpr Duration kAnswerWait = 3s;
// A choice is not made without control: it is asked again.
constexpr Duration kAskAgain = 10s;
// However soon control allows it.
constexpr Duration kLeastPause = 1s;
// instances.md, "Asking": what a forced drain keeps for its own end, and the grace that it grants.
constexpr Duration kMostMargin = 10s;
constexpr Duration kLocalGrace = 10s;
// For publishers that are left at the end to come to a keyframe. Control's pace leaves a second
// more, in which the last that it asks to move can do so.
constexpr Duration kMoveRest = 4s;
// For control to take the ends of the sessions that were held here.
constexpr Duration kReportWait = 5s;

}  // namespace

ShutdownMachine::ShutdownMachine(Settings settings, SteadyTime start) : settings_(settings) {
  if (settings_.lifetime) lifetime_end_ = start + *settings_.lifetime;
}

ShutdownMachine::Actions ShutdownMachine::step(const Event& event, SteadyTime now) {
  std::visit([&](const auto& what) { on(what, now); }, event);
  return std::exchange(actions_, {});
}

std::optional<SteadyTime> ShutdownMachine::next_deadline() const {
  switch (state_) {
    case State::kServing:
      return lifetime_end_;
    case State::kAsking:
      if (asked_ && !forced()) return std::nullopt;
      return ask_deadline_;
    case State::kGrace:
      return grace_end_;
    case State::kDraining:
      return move_rest_at_.value_or(deadline_);
    case State::kReporting:
      return deadline_;
    case State::kDone:
      return std::nullopt;
  }
  return std::nullopt;
}

Duration ShutdownMachine::time_left(SteadyTime now) const {
  if (!forced_at_) return settings_.drain_deadline;
  return std::max(Duration{0}, *forced_at_ + settings_.drain_deadline - now);
}

void ShutdownMachine::on(const TimePassed& /*event*/, SteadyTime now) {
  if (state_ == State::kServing && lifetime_over(now)) {
    state_ = State::kAsking;
    ask(now);
  } else if (state_ == State::kAsking && now >= ask_deadline_) {
    if (!asked_) {
      ask(now);
    } else if (forced()) {
      drain_by_local_policy(now);
    }
  }
  if (state_ == State::kGrace && now >= grace_end_) {
    state_ = State::kDraining;
    set_accepting(false);
  }
  if (state_ == State::kDraining && now >= deadline_) return finish(Ending::kDeadline, now);
  if (state_ == State::kDraining && move_rest_at_ && now >= *move_rest_at_) {
    move_rest_at_.reset();
    actions_.push_back(Action::kMoveRest);
  }
  if (state_ == State::kReporting && now >= deadline_) on(Reported{}, now);
}

void ShutdownMachine::on(const Terminate& /*event*/, SteadyTime now) {
  if (std::exchange(signalled_, true)) return finish(Ending::kSecondSignal, now);
  force(now);
}

void ShutdownMachine::on(const Interrupt& /*event*/, SteadyTime now) {
  finish(Ending::kInterrupted, now);
}

void ShutdownMachine::on(const PreStop& /*event*/, SteadyTime now) {
  if (!forced()) force(now);
}

void ShutdownMachine::on(const Granted& event, SteadyTime now) {
  asked_ = false;
  const Grant& grant = event.grant;
  if (state_ >= State::kReporting || grant.generation < generation_) return;
  // Taken back before the answer was here.
  if (grant.generation <= cancelled_generation_) return ask_again_after(kAskAgain, now);
  generation_ = grant.generation;
  set_times(grant.grace, grant.deadline, now);
  if (!draining()) enter_grace();
}

void ShutdownMachine::on(const Denied& event, SteadyTime now) {
  // That of an ask before SIGTERM; the one after it is still to be answered.
  if (state_ != State::kAsking || forced()) return;
  ask_again_after(std::max(event.retry_after, kLeastPause), now);
}

void ShutdownMachine::on(const Unanswered& /*event*/, SteadyTime now) {
  if (state_ != State::kAsking) return;
  if (forced()) return drain_by_local_policy(now);
  ask_again_after(kAskAgain, now);
}

void ShutdownMachine::on(const Cancelled& event, SteadyTime now) {
  if (forced() || event.generation < generation_) return;
  cancelled_generation_ = std::max(cancelled_generation_, event.generation);
  if (!draining()) return;
  state_ = State::kServing;
  generation_ = 0;
  set_accepting(true);
  // Who took it back does not want to be asked at once.
  if (lifetime_over(now)) lifetime_end_ = now + *settings_.lifetime;
  if (!unhealthy_) return set_ready(true);
  state_ = State::kAsking;
  ask_again_after(kAskAgain, now);
}

void ShutdownMachine::on(const Unhealthy& /*event*/, SteadyTime now) {
  if (std::exchange(unhealthy_, true) || state_ > State::kAsking) return;
  set_ready(false);
  if (std::exchange(state_, State::kAsking) == State::kServing) ask(now);
}

void ShutdownMachine::on(const Recovered& /*event*/, SteadyTime now) {
  if (!std::exchange(unhealthy_, false) || state_ != State::kAsking || forced()) return;
  set_ready(true);
  if (!lifetime_over(now)) state_ = State::kServing;
}

void ShutdownMachine::on(const Empty& /*event*/, SteadyTime now) {
  const bool idle_at_signal = state_ == State::kGrace && signalled_;
  if (state_ == State::kDraining || idle_at_signal) finish(Ending::kEmptied, now);
}

void ShutdownMachine::on(const Reported& /*event*/, SteadyTime /*now*/) {
  if (state_ != State::kReporting) return;
  state_ = State::kDone;
  actions_.push_back(Action::kExit);
}

// The first SIGTERM or preStop; also a SIGTERM after a preStop, which lets control count anew.
void ShutdownMachine::force(SteadyTime now) {
  if (state_ >= State::kReporting) return;
  if (!forced_at_) forced_at_ = now;
  if (!draining()) state_ = State::kAsking;
  set_ready(false);
  ask(now);
}

void ShutdownMachine::ask(SteadyTime now) {
  asked_ = true;
  ask_deadline_ = now + kAnswerWait;
  actions_.push_back(Action::kAsk);
}

void ShutdownMachine::ask_again_after(Duration pause, SteadyTime now) {
  asked_ = false;
  ask_deadline_ = now + pause;
}

void ShutdownMachine::drain_by_local_policy(SteadyTime now) {
  asked_ = false;
  const Duration left = time_left(now);
  const Duration deadline = left - std::min(kMostMargin, left / 4);
  set_times(std::min(kLocalGrace, deadline / 4), deadline, now);
  enter_grace();
}

void ShutdownMachine::set_times(Duration grace, Duration deadline, SteadyTime now) {
  if (!draining()) drain_start_ = now;
  const SteadyTime hard_deadline = forced_at_.value_or(drain_start_) + settings_.drain_deadline;
  // A SIGTERM during a drain may only shorten it.
  const SteadyTime latest =
      draining() && forced() ? std::min(hard_deadline, deadline_) : hard_deadline;
  deadline_ = std::min(now + deadline, latest);
  grace_end_ = std::min(now + grace, deadline_);
  move_rest_at_ = deadline_ - std::min<Duration>(kMoveRest, (deadline_ - grace_end_) / 4);
}

void ShutdownMachine::enter_grace() {
  state_ = State::kGrace;
  set_ready(false);
}

void ShutdownMachine::finish(Ending ending, SteadyTime now) {
  if (state_ == State::kReporting) return on(Reported{}, now);
  if (state_ == State::kDone) return;
  state_ = State::kReporting;
  ending_ = ending;
  deadline_ = now + kReportWait;
  set_ready(false);
  set_accepting(false);
  actions_.push_back(Action::kClose);
  actions_.push_back(Action::kReport);
}

void ShutdownMachine::set_ready(bool ready) {
  if (std::exchange(ready_, ready) == ready) return;
  actions_.push_back(ready ? Action::kReadinessOn : Action::kReadinessOff);
}

void ShutdownMachine::set_accepting(bool accepting) {
  if (std::exchange(accepting_, accepting) == accepting) return;
  actions_.push_back(accepting ? Action::kAccept : Action::kRefuse);
}

std::string_view name(State state) {
  switch (state) {
    case State::kServing:
      return "serving";
    case State::kAsking:
      return "asking";
    case State::kGrace:
      return "grace";
    case State::kDraining:
      return "draining";
    case State::kReporting:
      return "reporting";
    case State::kDone:
      return "done";
  }
  return "";
}

std::string_view name(Action action) {
  switch (action) {
    case Action::kAsk:
      return "ask";
    case Action::kReadinessOff:
      return "readiness_off";
    case Action::kReadinessOn:
      return "readiness_on";
    case Action::kRefuse:
      return "refuse";
    case Action::kAccept:
      return "accept";
    case Action::kMoveRest:
      return "move_rest";
    case Action::kClose:
      return "close";
    case Action::kReport:
      return "report";
    case Action::kExit:
      return "exit";
  }
  return "";
}

std::string_view text(Ending ending) {
  switch (ending) {
    case Ending::kEmptied:
      return "all streams had ended or moved";
    case Ending::kDeadline:
      return "the drain's deadline was over";
    case Ending::kSecondSignal:
      return "a second signal closed at once";
    case Ending::kInterrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace weir::media::drain
