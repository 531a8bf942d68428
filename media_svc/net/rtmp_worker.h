// What the RTMP connections of one worker share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "media_svc/hub/registry.h"
#include "media_svc/net/gathering.h"
#include "media_svc/net/rtmp_context.h"
#include "media_svc/net/worker.h"

namespace weir::media::net {

class StreamFanout;

// What a connection does now.
enum class ConnectionRole : std::uint8_t { kIdle, kPublisher, kPlayer };

// Owned by RtmpService, one a worker, used on that worker's thread alone; outlives its connections.
class RtmpWorker {
 public:
  RtmpWorker(Worker& worker, hub::WorkerId id, RtmpContext& shared);
  RtmpWorker(const RtmpWorker&) = delete;
  RtmpWorker& operator=(const RtmpWorker&) = delete;
  ~RtmpWorker();

  // The one fan-out of the stream on this worker; it ends with the last player that holds it.
  std::shared_ptr<StreamFanout> fanout(const std::string& stream_id);

  prometheus::Gauge& role_gauge(ConnectionRole role) const;

  Worker& worker;
  const hub::WorkerId id;
  RtmpContext& context;

  // For a connection's own flush, and for a fan-out while it goes through its players.
  Gathering gathering;
  Gathering shared_gathering;

  metrics::WorkerCounter::Cell& ingress_bytes;
  metrics::WorkerCounter::Cell& egress_bytes;
  metrics::WorkerCounter::Cell& audio_frames;
  metrics::WorkerCounter::Cell& video_frames;
  metrics::WorkerCounter::Cell& data_frames;
  metrics::WorkerCounter::Cell& frames_skipped;

 private:
  const std::array<prometheus::Gauge*, 3> role_gauges_;
  std::unordered_map<std::string, std::weak_ptr<StreamFanout>> fanouts_;
};

// The current time on the clock of all deadlines.
SteadyTime steady_now();

}  // namespace weir::media::net
