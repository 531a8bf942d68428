// What media_svc counts.
#pragma once

#include "common/metrics/registry.h"
#include "media_svc/net/rtmp_metrics.h"

namespace weir::media {

// Owned by main; outlives whoever counts.
struct MediaMetrics {
  MediaMetrics(metrics::Registry& registry, std::size_t workers);

  net::RtmpMetrics rtmp;
  prometheus::Gauge& control_connected;
  metrics::Counters<2> control_requests;
  metrics::Gauges<1> shutdown_state;
  prometheus::Gauge& workers_stalled;
};

}  // namespace weir::media
