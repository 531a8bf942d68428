#include "media_svc/relay/relay_machine.h"

#include <algorithm>

namespace weir::media::relay {

const char* name(State state) {
  switch (state) {
    case State::kIdle:
      return "idle";
    case State::kFinding:
      return "finding";
    case State::kConnecting:
      return "connecting";
    case State::kPlaying:
      return "playing";
    case State::kPausing:
      return "pausing";
  }
  return "";
}

const char* name(Action action) {
  switch (action) {
    case Action::kFind:
      return "find";
    case Action::kConnect:
      return "connect";
    case Action::kClose:
      return "close";
    case Action::kRelease:
      return "release";
  }
  return "";
}

RelayMachine::Actions RelayMachine::step(Event event, SteadyTime now) {
  switch (event) {
    case Event::kWanted:
      return state_ == State::kIdle ? find(now) : Actions{};
    case Event::kUnwanted:
      return stop();
    case Event::kFound:
      if (state_ != State::kFinding) return {};
      state_ = State::kConnecting;
      in_vain_ = false;
      deadline_ = now + settings_.step_limit;
      return {Action::kConnect};
    case Event::kNotFound:
      return state_ == State::kFinding ? pause(now) : Actions{};
    case Event::kStarted:
      if (state_ != State::kConnecting) return {};
      state_ = State::kPlaying;
      deadline_ = now + settings_.silence;
      return {};
    case Event::kMedia:
      if (state_ != State::kPlaying) return {};
      deadline_ = now + settings_.silence;
      // Only what has really played makes the next loss the first one.
      window_ = settings_.first_pause;
      return {};
    case Event::kLost:
      return connected() ? pause(now) : Actions{};
    case Event::kTick:
      return on_tick(now);
  }
  return {};
}

RelayMachine::Actions RelayMachine::on_tick(SteadyTime now) {
  if (!is_overdue(now)) return {};
  return state_ == State::kPausing ? find(now) : pause(now);
}

RelayMachine::Actions RelayMachine::find(SteadyTime now) {
  state_ = State::kFinding;
  deadline_ = now + settings_.step_limit;
  return {Action::kFind};
}

RelayMachine::Actions RelayMachine::pause(SteadyTime now) {
  Actions actions;
  if (connected()) actions.push_back(Action::kClose);
  if (state_ != State::kPlaying) actions.push_back(Action::kRelease);
  state_ = State::kPausing;
  in_vain_ = true;
  std::uniform_int_distribution<Duration::rep> up_to(0, window_.count());
  deadline_ = now + Duration{up_to(random_)};
  window_ = std::min(window_ * 2, settings_.longest_pause);
  return actions;
}

RelayMachine::Actions RelayMachine::stop() {
  if (state_ == State::kIdle) return {};
  Actions actions;
  if (connected()) actions.push_back(Action::kClose);
  actions.push_back(Action::kRelease);
  state_ = State::kIdle;
  in_vain_ = false;
  window_ = settings_.first_pause;
  return actions;
}

}  // namespace weir::media::relay
