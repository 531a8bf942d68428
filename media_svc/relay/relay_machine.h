// How a stream that is published on another instance comes to the players of this one.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "common/clock.h"

namespace weir::media::relay {

struct Settings {
  // For the question, and for the other instance to begin.
  Duration step_limit{5'000};
  // An upstream that sends nothing for so long is gone.
  Duration silence{10'000};
  // Between two attempts: a random time up to this, which doubles with each one in vain. Players
  // of a stream that moves wait meanwhile.
  Duration first_pause{500};
  Duration longest_pause{2'000};
};

enum class State : std::uint8_t {
  // Nobody waits for it here, or it is published here.
  kIdle,
  // Control is asked where it is.
  kFinding,
  // The instance that holds it is asked for it.
  kConnecting,
  kPlaying,
  // Until the next attempt.
  kPausing,
};
const char* name(State state);

enum class Event : std::uint8_t {
  // Somebody here waits for it, and nobody publishes it here.
  kWanted,
  kUnwanted,
  // Control's answer; "not found" also where it is unreachable, or names this instance.
  kFound,
  kNotFound,
  // The other instance plays it.
  kStarted,
  // Something came from there.
  kMedia,
  // Refused, unpublished, or the connection is gone.
  kLost,
  kTick,
};

enum class Action : std::uint8_t {
  // Ask control. What an earlier question still brings is out of date.
  kFind,
  // To where it was found.
  kConnect,
  // The connection.
  kClose,
  // The publication that it filled, if there is one still.
  kRelease,
};
const char* name(Action action);

// Pure; owned and carried out by net::Relay, on its worker. Never over: its owner drops it.
//
//   kIdle       kWanted → kFinding [find]
//   kFinding    kFound → kConnecting [connect]   kNotFound, step_limit → kPausing [release]
//   kConnecting kStarted → kPlaying   kLost, step_limit → kPausing [close, release]
//   kPlaying    kLost, silence → kPausing [close]
//   kPausing    its time → kFinding [find]
//   any         kUnwanted → kIdle [close, where connected; release]
//
// Everything else changes nothing. What played and is lost is released only once an attempt was in
// vain: mostly the stream is still there, and its players go on without a gap.
class RelayMachine {
 public:
  using Actions = std::vector<Action>;

  RelayMachine(const Settings& settings, std::uint32_t seed)
      : settings_(settings), window_(settings.first_pause), random_(seed) {}

  Actions step(Event event, SteadyTime now);
  State state() const { return state_; }
  // The state's time is over; the next kTick ends it.
  bool is_overdue(SteadyTime now) const { return state_ != State::kIdle && now >= deadline_; }
  // The newest attempt failed, and the next has not come as far as to find the stream.
  bool in_vain() const { return in_vain_; }

 private:
  Actions on_tick(SteadyTime now);
  Actions find(SteadyTime now);
  Actions pause(SteadyTime now);
  Actions stop();
  bool connected() const { return state_ == State::kConnecting || state_ == State::kPlaying; }

  const Settings settings_;
  State state_ = State::kIdle;
  bool in_vain_ = false;
  // When the state ends by itself.
  SteadyTime deadline_{};
  // The longest that the next pause may be.
  Duration window_;
  std::minstd_rand random_;
};

}  // namespace weir::media::relay
