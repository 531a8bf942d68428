// A play on a connection: from its request through the stream's comings and goings to its end.
#pragma once

#include <memory>
#include <optional>

#include "media_svc/hub/cursor.h"
#include "media_svc/net/admission_driver.h"
#include "media_svc/net/egress.h"
#include "media_svc/net/stream_fanout.h"

namespace weir::media::net {

// Holds a cursor and is told by its stream's fan-out when there is more to send.
class Player : public AdmissionDriver {
 public:
  using AdmissionDriver::AdmissionDriver;

  void begin() override;
  // The client ended it.
  void on_ended() { step(admission::Event::kClientDone); }
  void on_paused(bool paused);
  // Goes on at the newest keyframe, as a new player would.
  void on_seek();
  void on_receive_audio(bool enabled) { selection_.audio = enabled; }
  void on_receive_video(bool enabled);
  void on_tick(SteadyTime now) override;

  // From the fan-out, a moment before `deliver`: asks memory for what that looks at; what is the
  // player's own first, as the way to its connection.
  void prefetch() const;
  void prefetch_connection() const;
  // From the fan-out. `start` is the place that was gathered from.
  void deliver(Gathering& gathering, hub::Sequence start, SteadyTime now);
  virtual void on_published();
  virtual void on_unpublished(hub::EndReason reason);

  // From the connection's flush: what is to be sent next, and what was sent of it.
  // False where there is nothing.
  bool gather(Gathering& gathering, SteadyTime now);
  void sent(std::size_t frames, SteadyTime now);

  // What its connection is while it plays.
  virtual ConnectionRole role() const { return ConnectionRole::kPlayer; }

 protected:
  void close(const std::string& why) override;
  // Nothing is to be expected of its stream, as far as can be known.
  virtual bool is_hopeless() const { return fanout_->in_vain(); }
  // Hears of its stream from now on.
  StreamFanout& join();
  // For the stream to be there, if it is not, as long as there is hope or time.
  void go_on_waiting(SteadyTime now);
  // The publisher is gone, which the client hears from then on, once all frames are sent.
  void tell_unpublished_from(SteadyTime when);
  virtual void tell_unpublished();

 private:
  // Players say goodbye by closing; their user's slot is free at once.
  admission::Event left_event() const override { return admission::Event::kClientDone; }
  void hold() override;
  void start() override;
  void refuse(const RefusalStatus& status) override;
  void let_go() override;
  // The client has had what it asked for.
  void stop();
  // What the stream is, its publisher tells.
  control_link::MediaSummary summary(SteadyTime now) const override;

  Quota::Unit place_;
  std::shared_ptr<StreamFanout> fanout_;
  // Empty until started. These four are looked at with every frame.
  std::optional<hub::Cursor> cursor_;
  Selection selection_;
  bool paused_ = false;
  bool first_frame_sent_ = false;
  // When the client wants no more, if it said so.
  std::optional<SteadyTime> stop_at_;
  // Of a publisher that is gone: from when on to tell so, and that it was.
  std::optional<SteadyTime> tell_unpublished_at_;
  bool told_unpublished_ = false;
  std::uint64_t skipped_counted_ = 0;
  SteadyTime next_lag_look_{};
};

}  // namespace weir::media::net
