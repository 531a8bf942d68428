#include "media_svc/net/rtmp_metrics.h"

namespace weir::media::net {

RtmpMetrics::RtmpMetrics(metrics::Registry& registry, std::size_t workers)
    : RtmpMetrics(registry, workers,
                  registry.worker_counters("weir_egress_bytes_total", "Bytes sent to players.",
                                           "protocol", {"rtmp"}, workers),
                  registry.worker_counters("weir_egress_writes_total",
                                           "Writes that sent them; a loaded worker puts more "
                                           "into each.",
                                           "protocol", {"rtmp"}, workers),
                  registry.worker_counters("weir_frames_total",
                                           "Frames that publishers sent, configuration included.",
                                           "kind", {"audio", "video", "data"}, workers),
                  registry.worker_counters("weir_frames_skipped_total",
                                           "Frames that slow players were not sent.", "protocol",
                                           {"rtmp"}, workers)) {}

RtmpMetrics::RtmpMetrics(metrics::Registry& registry, std::size_t workers,
                         const WorkerCounters& egress, const WorkerCounters& writes,
                         const WorkerCounters& frames, const WorkerCounters& skipped)
    : connections(registry.gauges("weir_rtmp_connections",
                                  "Open RTMP connections by what they do now.", {"role"})),
      handshakes(registry.counters("weir_rtmp_handshakes_total",
                                   "RTMP handshakes by how they ended.", {"result"})),
      streams(registry.gauge("weir_streams", "Streams that are published to this instance.")),
      players(registry.gauges("weir_players", "Players of this instance.", {"protocol"})
                  .with({"rtmp"})),
      ingress_bytes(registry.worker_counter("weir_ingress_bytes_total",
                                            "Bytes received on media connections.", workers)),
      egress_bytes(egress.at(0)),
      egress_writes(writes.at(0)),
      audio_frames(frames.at(0)),
      video_frames(frames.at(1)),
      data_frames(frames.at(2)),
      frames_skipped(skipped.at(0)),
      player_lag(registry.histogram("weir_player_lag_seconds",
                                    "How long the next frame has been waiting for a player, "
                                    "looked at once a second.",
                                    metrics::kLatencyBuckets)),
      time_to_first_frame(registry.histogram("weir_time_to_first_frame_seconds",
                                             "From a player's request to its first frame.",
                                             metrics::kLatencyBuckets)),
      protocol_errors(registry.counters("weir_protocol_errors_total",
                                        "Connections closed because of what they sent.", {"kind"})),
      limits_hit(registry.counters("weir_limits_hit_total",
                                   "Connections refused or closed at a limit, and "
                                   "publishers interrupted.",
                                   {"limit"})),
      admission_seconds(registry.histograms("weir_admission_seconds",
                                            "From a client's request to control's answer.",
                                            {"kind", "result"}, metrics::kLatencyBuckets)),
      moves(registry.counters("weir_publisher_moves_total",
                              "Publishers sent elsewhere: asked to reconnect, or closed before a "
                              "keyframe.",
                              {"how"})),
      relay_streams(registry.gauge("weir_relay_streams",
                                   "Streams that are played from other instances for players "
                                   "here.")),
      relay_events(registry.counters("weir_relay_events_total",
                                     "What came of looking for streams of other instances: not "
                                     "found, failed to begin, started, lost after that.",
                                     {"event"})) {}

}  // namespace weir::media::net
