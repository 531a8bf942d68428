#include "media_svc/net/publisher.h"

#include <utility>

#include "media_svc/net/move_target.h"
#include "media_svc/net/rtmp_connection.h"
#include "media_svc/net/rtmp_rendering.h"

namespace weir::media::net {

using admission::Event;
using admission::State;
using rtmp::StatusCode;

void Publisher::begin() {
  if (!may_ask()) return refuse_as_draining();
  auto place = context().publishers.take();
  if (!place) {
    context().metrics.limits_hit.with({"publishers"}).Increment();
    refuse_with(denied(kind(), "the server has no room for another publisher"));
    return step(Event::kDraining);
  }
  place_ = std::move(*place);
  auto claim = context().registry.claim(stream_id(), worker().id);
  if (!claim) {
    refuse_with({.code = StatusCode::kPublishBadName,
                 .description = "somebody else is being admitted to this name; retry in 5 s"});
    return step(Event::kNameTaken);
  }
  claim_ = std::move(*claim);
  step(Event::kClaimed);
}

void Publisher::hold() {
  if (!accepting()) return refuse_as_draining();
  const std::weak_ptr<AdmissionDriver> weak = weak_from_this();
  const auto calling = [weak](void (Publisher::*hears)()) {
    return [weak, hears] {
      if (const auto self = weak.lock()) (static_cast<Publisher&>(*self).*hears)();
    };
  };
  auto held = (*std::exchange(claim_, std::nullopt))
                  .hold(session().epoch, {.on_replaced = calling(&Publisher::on_replaced),
                                          .on_watched = calling(&Publisher::on_watched)});
  if (!held) {
    refuse_with({.code = StatusCode::kPublishBadName, .description = "a newer publisher holds it"});
    return step(Event::kNotHeld);
  }
  publication_ = std::move(*held);
  context().metrics.streams.Increment();
  beginning_ = context().metrics.stream_beginnings.add(steady_now());
  step(Event::kHeld);
}

void Publisher::start() {
  const SteadyTime now = steady_now();
  connection()->session().accept_publish(message_stream());
  last_media_ = now;
  for (const rtmp::Message& message : std::exchange(kept_, {})) publish(message, now);
  kept_bytes_ = 0;
  commit();
  connection()->update_role();
  connection()->flush();
}

void Publisher::refuse(const RefusalStatus& status) {
  connection()->session().refuse_publish(message_stream(), status.code, status.description);
  connection()->flush();
}

void Publisher::let_go() {
  claim_.reset();
  kept_ = {};
  if (publication_) {
    publication_->release(moving() ? hub::EndReason::kMoved : end_reason_);
    publication_.reset();
    context().metrics.streams.Decrement();
    beginning_ = {};
  }
  place_ = {};
}

void Publisher::close(const std::string& why) {
  if (moving()) {
    connection()->session().end_publish(message_stream(), StatusCode::kUnpublishSuccess,
                                        "it goes on elsewhere");
    // With all that is on it: the client is to connect again.
    return connection()->close_after_flush(CloseReason::kMoved);
  }
  connection()->session().end_publish(message_stream(), StatusCode::kPublishDenied, why);
  connection()->close_unless_used(*this, CloseReason::kEndedByControl);
}

void Publisher::on_replaced() {
  end_reason_ = hub::EndReason::kReplaced;
  replaced();
}

void Publisher::on_watched() {
  if (connection()) connection()->end_pause();
}

void Publisher::move_to(const control_link::Route& target) {
  if (!is_running()) return;
  if (connection()->request_reconnect(target)) {
    end_reason_ = hub::EndReason::kMoved;
    context().metrics.moves.with({"reconnect_request"}).Increment();
  } else if (reconnects_by_itself(connection()->client_software())) {
    leave();
  }
}

void Publisher::leave() {
  if (moving() || !is_running()) return;
  set_moving();
  context().metrics.moves.with({"close"}).Increment();
  connection()->session().expect_move();
  if (state() == State::kSilent) step(Event::kMoved);
}

void Publisher::on_ended(bool completed) {
  if (completed) end_reason_ = hub::EndReason::kCompleted;
  step(completed ? Event::kClientDone : Event::kClientLost);
}

void Publisher::on_media(const rtmp::Message& message, SteadyTime now) {
  if (state() == State::kOver) return;
  last_media_ = now;
  if (state() == State::kStarted) return publish(message, now);
  if (state() == State::kSilent) {
    renew_soon();
    step(Event::kMedia);
    return publish(message, now);
  }
  keep_until_start(message);
}

void Publisher::keep_until_start(const rtmp::Message& message) {
  // An empty message costs its entry.
  kept_bytes_ += message.payload.size() + sizeof message;
  if (kept_bytes_ > context().limits.pending_admission_bytes) {
    context().metrics.limits_hit.with({"pending_admission"}).Increment();
    RtmpConnection& flooded = *connection();
    refuse_with(denied(kind(), "too much media before the admission's answer"));
    // Not waited for any longer; a session that still comes is given back.
    step(Event::kDeadline);
    return flooded.close_after_flush(CloseReason::kPendingMedia);
  }
  kept_.push_back(message);
}

void Publisher::publish(const rtmp::Message& message, SteadyTime now) {
  switch (message.type) {
    case rtmp::MessageType::kAudio:
      worker().audio_frames.add();
      break;
    case rtmp::MessageType::kVideo:
      worker().video_frames.add();
      break;
    default:
      worker().data_frames.add();
      break;
  }
  const hub::FrameHandle frame = frame_of(message);
  if (moving() && is_cut(*frame, now)) {
    commit();
    return step(Event::kMoved);
  }
  has_video_ |= frame->type() == flv::TagType::kVideo;
  description_.take(frame->type(), frame->tag_class(), message.payload.span());
  bytes_ += message.payload.size();
  publication_->append(frame, now);
  media_moved();
  uncommitted_ = true;
}

// Without a picture every frame is as good.
bool Publisher::is_cut(const hub::Frame& frame, SteadyTime now) const {
  return !has_video_ || publication_->is_start(frame, now);
}

void Publisher::commit() {
  if (!std::exchange(uncommitted_, false) || !publication_) return;
  publication_->commit();
  tell_start(last_media_);
}

control_link::MediaSummary Publisher::summary(SteadyTime now) const {
  const flv::PictureFormat picture = description_.picture();
  return {.video_codec = std::string(flv::name(description_.video_codec())),
          .audio_codec = std::string(flv::name(description_.audio_codec())),
          .width = picture.width,
          .height = picture.height,
          .frame_rate = picture.frame_rate,
          .bytes = bytes_,
          .duration = now - started_at()};
}

bool Publisher::is_described() const {
  return description_.video_codec() != flv::Codec::kUnknown &&
         description_.audio_codec() != flv::Codec::kUnknown;
}

void Publisher::on_tick(SteadyTime now) {
  AdmissionDriver::on_tick(now);
  const auto silence = now - last_media_;
  if (state() == State::kStarted && silence >= context().limits.silence_interrupts) {
    context().metrics.limits_hit.with({"silence_interrupt"}).Increment();
    step(Event::kSilence);
  } else if (state() == State::kSilent && silence >= context().limits.silence_closes) {
    context().metrics.limits_hit.with({"silence"}).Increment();
    connection()->fail(CloseReason::kSilence);
  }
}

}  // namespace weir::media::net
