#include "media_svc/net/player.h"

#include <chrono>
#include <utility>

#include "media_svc/net/rtmp_connection.h"

namespace weir::media::net {

using admission::Event;
using admission::State;
using rtmp::StatusCode;

namespace {

constexpr Duration kLagInterval{1'000};

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Player::begin() {
  if (!may_ask()) return refuse_as_draining();
  auto place = context().players.take();
  if (!place) {
    context().metrics.limits_hit.with({"players"}).Increment();
    refuse_with(denied(kind(), "the server has no room for another player"));
    return step(Event::kDraining);
  }
  place_ = std::move(*place);
  step(Event::kClaimed);
}

void Player::hold() {
  if (!accepting()) return refuse_as_draining();
  join().want();
  go_on_waiting(steady_now());
}

StreamFanout& Player::join() {
  fanout_ = worker().fanout(stream_id());
  fanout_->add(*this);
  return *fanout_;
}

void Player::go_on_waiting(SteadyTime now) {
  if (fanout_->log().live()) return step(Event::kHeld);
  if (now - requested_at() < context().limits.play_wait || !is_hopeless()) return;
  refuse_with({.code = StatusCode::kPlayStreamNotFound, .description = "nobody publishes it"});
  step(Event::kNotHeld);
}

void Player::start() {
  connection()->session().accept_play(message_stream());
  selection_.message_stream = message_stream();
  const SteadyTime now = steady_now();
  cursor_.emplace(fanout_->log(), now);
  if (duration()) stop_at_ = now + *duration();
  if (role() == ConnectionRole::kPlayer) context().metrics.players.Increment();
  connection()->update_role();
  connection()->flush();
}

void Player::refuse(const RefusalStatus& status) {
  connection()->session().refuse_play(message_stream(), status.code, status.description);
  connection()->flush();
}

void Player::let_go() {
  if (cursor_ && role() == ConnectionRole::kPlayer) context().metrics.players.Decrement();
  cursor_.reset();
  stop_at_.reset();
  tell_unpublished_at_.reset();
  if (fanout_) fanout_->remove(*this);
  fanout_.reset();
  place_ = {};
}

void Player::close(const std::string& why) {
  connection()->session().end_play(message_stream(), StatusCode::kPlayFailed, why);
  connection()->close_unless_used(*this, CloseReason::kEndedByControl);
}

void Player::stop() {
  stop_at_.reset();
  connection()->session().end_play(message_stream(), StatusCode::kPlayStop,
                                   "played for as long as it was asked to");
  connection()->flush();
  step(Event::kClientDone);
}

control_link::MediaSummary Player::summary(SteadyTime now) const {
  control_link::MediaSummary summary;
  summary.duration = now - started_at();
  return summary;
}

// Also before the play starts: the client has been told that it is paused.
void Player::on_paused(bool paused) {
  // Live: what went by meanwhile is gone.
  if (std::exchange(paused_, paused) && !paused) on_seek();
}

// Who seeks has thrown away what it had. A live stream has one place to go on from, and a decoder
// needs a keyframe there.
void Player::on_seek() {
  if (state() != State::kStarted) return;
  cursor_->restart(steady_now());
  connection()->flush();
}

void Player::on_receive_video(bool enabled) {
  selection_.video = enabled;
  if (enabled) on_seek();
}

void Player::on_published() {
  if (state() == State::kHolding) return step(Event::kHeld);
  if (state() != State::kStarted) return;
  // What was not told needs no taking back.
  tell_unpublished_at_.reset();
  if (!std::exchange(told_unpublished_, false)) return;
  connection()->session().notify_published(message_stream());
  connection()->flush();
}

// Many players end for good once they hear of it: not while the stream goes on.
void Player::on_unpublished(hub::EndReason reason) {
  if (state() != State::kStarted || reason == hub::EndReason::kReplaced) return;
  const SteadyTime now = steady_now();
  const bool moved = reason == hub::EndReason::kMoved;
  tell_unpublished_from(moved ? now + context().limits.move_gap : now);
}

void Player::tell_unpublished_from(SteadyTime when) {
  tell_unpublished_at_ = when;
  connection()->flush();
}

void Player::tell_unpublished() {
  told_unpublished_ = true;
  connection()->session().notify_unpublished(message_stream());
}

void Player::prefetch() const {
  __builtin_prefetch(this);
  __builtin_prefetch(&cursor_);
  __builtin_prefetch(&paused_);
}

void Player::prefetch_connection() const {
  if (connection()) connection()->prefetch();
}

void Player::deliver(Gathering& gathering, hub::Sequence start, SteadyTime now) {
  if (!cursor_ || paused_ || !connection()->can_write()) return;
  if (!selection_.is_common() || cursor_->position() != start) return connection()->flush();
  sent(connection()->write(gathering), now);
}

bool Player::gather(Gathering& gathering, SteadyTime now) {
  if (!cursor_ || paused_) return false;
  const std::size_t count = cursor_->peek(gathering.slots(), now);
  gathering.gather(count, selection_);
  if (count > 0) return true;
  if (!tell_unpublished_at_ || now < *tell_unpublished_at_) return false;
  tell_unpublished_at_.reset();
  tell_unpublished();
  return true;
}

void Player::sent(std::size_t frames, SteadyTime now) {
  if (frames == 0) return;
  cursor_->consume(frames);
  media_moved();
  if (!std::exchange(first_frame_sent_, true)) {
    context().metrics.time_to_first_frame.Observe(seconds(now - requested_at()));
  }
}

void Player::on_tick(SteadyTime now) {
  AdmissionDriver::on_tick(now);
  if (state() == State::kHolding) return go_on_waiting(now);
  if (stop_at_ && now >= *stop_at_) return stop();
  if (tell_unpublished_at_ && now >= *tell_unpublished_at_) connection()->flush();
  if (!cursor_ || paused_ || now < next_lag_look_) return;
  next_lag_look_ = now + kLagInterval;
  worker().frames_skipped.add(cursor_->skipped() - skipped_counted_);
  skipped_counted_ = cursor_->skipped();
  const Duration lag = cursor_->lag(now);
  context().metrics.player_lag.Observe(seconds(lag));
  if (lag < context().limits.egress_lag) return;
  context().metrics.limits_hit.with({"egress_lag"}).Increment();
  connection()->fail(CloseReason::kEgressLag);
}

}  // namespace weir::media::net
