#include "media_svc/media_metrics.h"

namespace weir::media {

MediaMetrics::MediaMetrics(metrics::Registry& registry, std::size_t workers)
    : rtmp(registry, workers),
      control_connected(
          registry.gauge("weir_control_connected", "Whether control answers: 1 or 0.")),
      control_requests(registry.counters("weir_control_requests_total",
                                         "Calls to control by method and gRPC code.",
                                         {"method", "code"})) {}

}  // namespace weir::media
