// How weir-media is configured.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "common/config/options.h"
#include "common/endpoint.h"
#include "common/log/log.h"
#include "common/log/termination_log.h"
#include "media_svc/hub/stream_log.h"
#include "media_svc/net/limits.h"
#include "media_svc/net/trusted_networks.h"

namespace weir::media {

// Whether new players are let in while control can't be asked.
enum class PlayWhenUnreachable { kRefuse, kAllow };

// The values in force once the options are loaded. Owned by main.
struct MediaConfig {
  MediaConfig();
  MediaConfig(const MediaConfig&) = delete;
  MediaConfig& operator=(const MediaConfig&) = delete;

  // Declares every option; the members must stay where they are.
  void declare(config::Options& options);
  // The limits, from the options that name them.
  net::Limits limits() const;
  hub::LogLimits log_limits() const;
  // Load balancers that are believed when they say whose connection they forward.
  net::TrustedNetworks proxy_protocol_from() const;

  // Instead of running.
  bool request_shutdown = false;

  log::Settings log;
  Endpoint control{.host = "127.0.0.1", .port = 7070};
  Endpoint metrics_listen{.host = "127.0.0.1", .port = 9091};
  // Instead of serving: ask the running process whether it is alive.
  bool healthcheck = false;
  Endpoint rtmp_listen{.host = "127.0.0.1", .port = 1935};
  std::optional<Endpoint> rtmps_listen;
  std::string tls_certificate;
  std::string tls_key;
  bool insecure = false;
  // Unset: the listen address.
  std::optional<Endpoint> advertise_rtmp;
  std::optional<Endpoint> advertise_rtmps;
  std::optional<Endpoint> advertise_relay;
  std::string instance_id;
  Duration instance_lifetime = std::chrono::hours{24};
  Duration drain_deadline = std::chrono::hours{1};
  std::string termination_log = log::kTerminationLog;
  std::int64_t workers;
  Duration admission_timeout;
  Duration play_wait;
  PlayWhenUnreachable play_when_unreachable = PlayWhenUnreachable::kRefuse;
  Duration egress_lag_max;
  Duration egress_merge_min;
  Duration egress_merge_max;
  Duration ingress_merge_max;

 private:
  void declare_listeners(config::Options& options);
  void declare_limits(config::Options& options);
  // What one RTMP connection may cost.
  void declare_rtmp_limits(config::Options& options);

  std::string proxy_protocol_from_;
  Duration limit_handshake_;
  Duration limit_connect_to_stream_;
  Duration limit_silence_interrupt_;
  Duration limit_silence_close_;
  config::ByteSize limit_pending_admission_;
  config::ByteSize limit_message_;
  config::ByteSize limit_partial_messages_;
  config::ByteSize limit_command_;
  config::ByteSize limit_stream_bytes_;
  Duration limit_stream_history_;
  std::int64_t limit_chunk_streams_;
  std::int64_t limit_message_streams_;
  std::int64_t limit_amf_depth_;
  std::int64_t limit_connections_;
  std::int64_t limit_connections_per_address_;
  std::int64_t limit_publishers_;
  std::int64_t limit_players_;
  std::int64_t limit_relays_;
  Duration limit_linger_;
  Duration limit_unacknowledged_;
  Duration limit_move_gap_;
  std::int64_t limit_tiny_chunks_;
  std::int64_t limit_control_messages_;
  std::int64_t limit_stream_requests_;
  std::int64_t limit_media_messages_;
  config::ByteSize limit_unread_answers_;
  Duration limit_stray_media_;
};

}  // namespace weir::media
