// A publish on a connection: from its request through its media to its end.
#pragma once

#include <optional>
#include <vector>

#include "media_svc/flv/stream_description.h"
#include "media_svc/hub/publication.h"
#include "media_svc/hub/registry.h"
#include "media_svc/net/admission_driver.h"
#include "media_svc/net/beginnings.h"
#include "media_svc/rtmp/message.h"

namespace weir::media::net {

// Media that comes before Start waits here, within a bound; after it, it goes into the hub.
class Publisher final : public AdmissionDriver {
 public:
  using AdmissionDriver::AdmissionDriver;

  void begin() override;
  void on_media(const rtmp::Message& message, SteadyTime now);
  // After all messages of one read.
  void commit();
  // Whether somebody waits for its frames.
  bool is_watched() const { return publication_ && publication_->has_readers(); }
  // A newer publisher took the name over.
  void on_replaced();
  // Somebody waits for its frames from now on.
  void on_watched();
  // The client ended it; not `completed` where it leaves because it was asked to move.
  void on_ended(bool completed);
  void on_tick(SteadyTime now) override;
  // The instance stops: whoever still publishes goes on elsewhere.
  void on_shutdown() { end_reason_ = hub::EndReason::kMoved; }
  // Closes it just before its next keyframe, so that it goes on elsewhere.
  void leave();

 private:
  // It may come back: encoders reconnect.
  admission::Event left_event() const override { return admission::Event::kClientLost; }
  void hold() override;
  void start() override;
  void refuse(const RefusalStatus& status) override;
  void let_go() override;
  void close(const std::string& why) override;
  void move_to(const control_link::Route& target) override;
  control_link::MediaSummary summary(SteadyTime now) const override;
  bool is_described() const override;

  void keep_until_start(const rtmp::Message& message);
  void publish(const rtmp::Message& message, SteadyTime now);
  // Whether to close before this frame.
  bool is_cut(const hub::Frame& frame, SteadyTime now) const;

  Quota::Unit place_;
  std::optional<hub::Claim> claim_;
  std::optional<hub::Publication> publication_;
  // While there is a publication.
  Beginnings::Entry beginning_;
  std::vector<rtmp::Message> kept_;
  std::size_t kept_bytes_ = 0;
  bool uncommitted_ = false;
  bool has_video_ = false;
  flv::StreamDescription description_;
  std::uint64_t bytes_ = 0;
  hub::EndReason end_reason_ = hub::EndReason::kInterrupted;
  SteadyTime last_media_{};
};

}  // namespace weir::media::net
