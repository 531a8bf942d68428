// What the RTMP connections of one worker share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "media_svc/control_link/session.h"
#include "media_svc/hub/registry.h"
#include "media_svc/net/gathering.h"
#include "media_svc/net/load_meter.h"
#include "media_svc/net/merge_pacer.h"
#include "media_svc/net/round.h"
#include "media_svc/net/rtmp_context.h"
#include "media_svc/net/worker.h"

namespace weir::media::net {

class RtmpConnection;
class StreamFanout;

// What a connection does now.
enum class ConnectionRole : std::uint8_t { kIdle, kPublisher, kPlayer, kRelay };

// Owned by RtmpService, one a worker, used on that worker's thread alone; outlives its connections.
class RtmpWorker {
 public:
  RtmpWorker(Worker& worker, hub::WorkerId id, RtmpContext& shared);
  RtmpWorker(const RtmpWorker&) = delete;
  RtmpWorker& operator=(const RtmpWorker&) = delete;
  ~RtmpWorker();

  // How long to collect frames before they are written; 0: write at once.
  Duration merge_interval() const { return pacer_.interval(); }
  // Looks at the load again, at most once in a while: called with each batch of frames.
  void pace(SteadyTime now);
  // A stream's frames went to its players here.
  void wrote(std::uint64_t frames, std::uint64_t players) { pacer_.wrote(frames, players); }

  // The one fan-out of the stream on this worker; it ends with the last player that holds it.
  std::shared_ptr<StreamFanout> fanout(const std::string& stream_id);

  prometheus::Gauge& role_gauge(ConnectionRole role) const;
  prometheus::Counter& handshakes(bool digest) const { return *handshakes_[digest]; }
  // By how long it took from a request to control's yes.
  prometheus::Histogram& admitted(control_link::SessionKind kind) const;

  Worker& worker;
  const hub::WorkerId id;
  RtmpContext& context;

  // Streams with frames to send, and publishers whose socket is read a moment later.
  Round<StreamFanout> sends;
  Round<RtmpConnection> reads;

  // For a connection's own flush, and for a fan-out while it goes through its players.
  Gathering gathering;
  Gathering shared_gathering;

  metrics::WorkerCounter::Cell& ingress_bytes;
  metrics::WorkerCounter::Cell& egress_bytes;
  metrics::WorkerCounter::Cell& egress_writes;
  metrics::WorkerCounter::Cell& audio_frames;
  metrics::WorkerCounter::Cell& video_frames;
  metrics::WorkerCounter::Cell& data_frames;
  metrics::WorkerCounter::Cell& frames_skipped;

 private:
  MergePacer pacer_;
  // Made on the worker's thread, which is the one that it measures.
  std::optional<LoadMeter> load_meter_;
  SteadyTime next_load_sample_{};
  // Found once: to look a series up by its labels costs as much as a message of the handshake.
  const std::array<prometheus::Gauge*, 4> role_gauges_;
  const std::array<prometheus::Counter*, 2> handshakes_;
  prometheus::Histogram& admitted_publishers_;
  prometheus::Histogram& admitted_players_;
  std::unordered_map<std::string, std::weak_ptr<StreamFanout>> fanouts_;
};

// The current time on the clock of all deadlines.
SteadyTime steady_now();

}  // namespace weir::media::net
