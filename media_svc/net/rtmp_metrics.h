// What the RTMP side counts, each metric declared once.
#pragma once

#include "common/metrics/registry.h"
#include "media_svc/net/beginnings.h"

namespace weir::media::net {

// Owned by main; outlives whoever counts. Any thread, except the cells of worker counters, which
// belong to their worker.
struct RtmpMetrics {
  RtmpMetrics(metrics::Registry& registry, std::size_t workers);

  metrics::Gauges<1> connections;
  metrics::Counters<1> handshakes;
  prometheus::Gauge& streams;
  // Of the same streams, for the reports to control.
  Beginnings stream_beginnings;
  prometheus::Gauge& players;

  metrics::WorkerCounter& ingress_bytes;
  metrics::WorkerCounter& egress_bytes;
  metrics::WorkerCounter& egress_writes;
  metrics::WorkerCounter& audio_frames;
  metrics::WorkerCounter& video_frames;
  metrics::WorkerCounter& data_frames;
  metrics::WorkerCounter& frames_skipped;
  prometheus::Histogram& player_lag;
  prometheus::Histogram& time_to_first_frame;

  metrics::Counters<1> protocol_errors;
  metrics::Counters<1> limits_hit;
  metrics::Histograms<2> admission_seconds;
  metrics::Counters<1> moves;
  prometheus::Gauge& relay_streams;
  metrics::Counters<1> relay_events;

 private:
  using WorkerCounters = std::vector<std::reference_wrapper<metrics::WorkerCounter>>;
  RtmpMetrics(metrics::Registry& registry, std::size_t workers, const WorkerCounters& egress,
              const WorkerCounters& writes, const WorkerCounters& frames,
              const WorkerCounters& skipped);
};

}  // namespace weir::media::net
