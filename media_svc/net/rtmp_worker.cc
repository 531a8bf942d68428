#include "media_svc/net/rtmp_worker.h"

#include "media_svc/net/rtmp_connection.h"
#include "media_svc/net/stream_fanout.h"

namespace weir::media::net {
namespace {

// Long enough to average over the frames of many publishers, short beside what people notice.
constexpr Duration kLoadInterval{100};

constexpr const char* kAdmitted = "admitted";

}  // namespace

RtmpWorker::RtmpWorker(Worker& worker_of, hub::WorkerId worker_id, RtmpContext& shared)
    : worker(worker_of),
      id(worker_id),
      context(shared),
      sends(worker_of.io()),
      reads(worker_of.io()),
      ingress_bytes(shared.metrics.ingress_bytes.of(worker_id)),
      egress_bytes(shared.metrics.egress_bytes.of(worker_id)),
      egress_writes(shared.metrics.egress_writes.of(worker_id)),
      audio_frames(shared.metrics.audio_frames.of(worker_id)),
      video_frames(shared.metrics.video_frames.of(worker_id)),
      data_frames(shared.metrics.data_frames.of(worker_id)),
      frames_skipped(shared.metrics.frames_skipped.of(worker_id)),
      pacer_(shared.limits.egress_merge_min, shared.limits.egress_merge_max),
      role_gauges_{&shared.metrics.connections.with({"idle"}),
                   &shared.metrics.connections.with({"publisher"}),
                   &shared.metrics.connections.with({"player"}),
                   &shared.metrics.connections.with({"relay"})},
      handshakes_{&shared.metrics.handshakes.with({"simple"}),
                  &shared.metrics.handshakes.with({"digest"})},
      admitted_publishers_(shared.metrics.admission_seconds.with(
          {control_link::name(control_link::SessionKind::kPublish), kAdmitted})),
      admitted_players_(shared.metrics.admission_seconds.with(
          {control_link::name(control_link::SessionKind::kPlay), kAdmitted})) {}

RtmpWorker::~RtmpWorker() = default;

void RtmpWorker::pace(SteadyTime now) {
  if (now < next_load_sample_) return;
  next_load_sample_ = now + kLoadInterval;
  if (!load_meter_) load_meter_.emplace();
  if (const auto load = load_meter_->sample(now)) pacer_.observe(*load);
}

prometheus::Gauge& RtmpWorker::role_gauge(ConnectionRole role) const {
  return *role_gauges_.at(static_cast<std::size_t>(role));
}

prometheus::Histogram& RtmpWorker::admitted(control_link::SessionKind kind) const {
  return kind == control_link::SessionKind::kPublish ? admitted_publishers_ : admitted_players_;
}

std::shared_ptr<StreamFanout> RtmpWorker::fanout(const std::string& stream_id) {
  std::weak_ptr<StreamFanout>& slot = fanouts_[stream_id];
  if (auto existing = slot.lock()) return existing;
  // The deleter takes the name out again, so that a name that is no longer played leaves nothing.
  const std::shared_ptr<StreamFanout> made(new StreamFanout(stream_id, *this),
                                           [this, stream_id](StreamFanout* fanout) {
                                             fanouts_.erase(stream_id);
                                             delete fanout;
                                           });
  slot = made;
  return made;
}

SteadyTime steady_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

}  // namespace weir::media::net
