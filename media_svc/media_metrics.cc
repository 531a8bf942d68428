#include "media_svc/media_metrics.h"

namespace weir::media {

MediaMetrics::MediaMetrics(metrics::Registry& registry, std::size_t workers)
    : rtmp(registry, workers),
      control_connected(
          registry.gauge("weir_control_connected", "Whether control answers: 1 or 0.")),
      control_requests(registry.counters("weir_control_requests_total",
                                         "Calls to control by method and gRPC code.",
                                         {"method", "code"})),
      shutdown_state(registry.gauges("weir_shutdown_state",
                                     "Where the instance is on its way to its end: 1 for its "
                                     "state, 0 for the others.",
                                     {"state"})),
      workers_stalled(registry.gauge("weir_workers_stalled",
                                     "Workers that have stood still for 15 s; only a restart "
                                     "cures that.")) {}

}  // namespace weir::media
