#include "media_svc/net/relay_player.h"

#include <chrono>

#include "common/log/log.h"
#include "common/relay_token/relay_token.h"
#include "media_svc/control_link/control_link.h"
#include "media_svc/net/rtmp_connection.h"

namespace weir::media::net {

using admission::Event;
using rtmp::StatusCode;

void RelayPlayer::begin() {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  if (relay_token::is_valid(address().parameter(kParameter), context().control.relay_key(),
                            stream_id(), now)) {
    relay_place_ = *context().relay_players.take();
    return step(Event::kClaimed);
  }
  refuse_with(denied(kind(), "the relay token is not valid"));
  step(Event::kDraining);
}

void RelayPlayer::hold() {
  if (!is_published_here()) {
    refuse_with({.code = StatusCode::kPlayStreamNotFound, .description = "not published here"});
    return step(Event::kNotHeld);
  }
  join();
  go_on_waiting(steady_now());
}

// Another publication is looked for and played as what it is then: with another epoch, times and
// configuration of its own.
void RelayPlayer::on_published() {
  if (ended_ || !is_published_here()) return leave();
  Player::on_published();
}

void RelayPlayer::on_unpublished(hub::EndReason reason) {
  if (state() != admission::State::kStarted || reason == hub::EndReason::kReplaced) return leave();
  ended_ = reason;
  tell_unpublished_from(steady_now());
}

// All is sent. Where the stream has moved it goes on, and players are not to hear of an end.
void RelayPlayer::tell_unpublished() {
  if (ended_ != hub::EndReason::kMoved) Player::tell_unpublished();
  // The flush that this is part of comes first.
  worker().worker.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) static_cast<RelayPlayer&>(*self).leave();
  });
}

void RelayPlayer::leave() { revoke("this publication is not to be had here"); }

void RelayPlayer::close(const std::string& why) {
  connection()->session().end_play(message_stream(), StatusCode::kPlayFailed, why);
  connection()->close_unless_used(*this, CloseReason::kMoved);
}

bool RelayPlayer::is_published_here() const { return context().registry.published(stream_id()); }

}  // namespace weir::media::net
