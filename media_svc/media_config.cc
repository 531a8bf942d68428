#include "media_svc/media_config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>

namespace weir::media {
namespace {

using namespace std::chrono_literals;
using config::operator""_KiB;
using config::operator""_MiB;
using config::operator""_GiB;

// The defaults, where they are declared.
const net::Limits kNetDefaults;
const hub::LogLimits kLogDefaults;

// While control is away, where players are let in at all.
constexpr std::size_t kPlayersWhenUnreachable = 200;

constexpr config::Bounds<Duration> kTimeout{.min = 100ms, .max = 24h};
constexpr std::int64_t kManyConnections = 10'000'000;
constexpr config::Bounds<std::int64_t> kCount{.min = 0, .max = kManyConnections};

// What is wrong with the file that an option names, if it names one.
std::optional<std::string> unreadable(const char* option, const std::string& path) {
  if (path.empty() || std::ifstream(path).good()) return std::nullopt;
  return std::string(option) + ": " + path + " cannot be read";
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "weir-media";
  return name.data();
}

}  // namespace

MediaConfig::MediaConfig()
    : instance_id(host_name()),
      workers(std::max(1U, std::thread::hardware_concurrency())),
      admission_timeout(kNetDefaults.admission_timeout),
      play_wait(kNetDefaults.play_wait),
      egress_lag_max(kNetDefaults.egress_lag),
      egress_merge_min(kNetDefaults.egress_merge_min),
      egress_merge_max(kNetDefaults.egress_merge_max),
      ingress_merge_max(kNetDefaults.ingress_merge_max),
      limit_handshake_(kNetDefaults.handshake),
      limit_connect_to_stream_(kNetDefaults.connect_to_stream),
      limit_silence_interrupt_(kNetDefaults.silence_interrupts),
      limit_silence_close_(kNetDefaults.silence_closes),
      limit_pending_admission_{kNetDefaults.pending_admission_bytes},
      limit_message_{kNetDefaults.rtmp.message_bytes},
      limit_partial_messages_{kNetDefaults.rtmp.partial_bytes},
      limit_command_{kNetDefaults.rtmp.command_bytes},
      limit_stream_bytes_{kLogDefaults.bytes},
      limit_stream_history_(kLogDefaults.history),
      limit_chunk_streams_(static_cast<std::int64_t>(kNetDefaults.rtmp.chunk_streams)),
      limit_message_streams_(static_cast<std::int64_t>(kNetDefaults.rtmp.message_streams)),
      limit_amf_depth_(static_cast<std::int64_t>(kNetDefaults.rtmp.amf_depth)),
      limit_connections_(static_cast<std::int64_t>(kNetDefaults.connections)),
      limit_connections_per_address_(
          static_cast<std::int64_t>(kNetDefaults.connections_per_address)),
      limit_publishers_(static_cast<std::int64_t>(kNetDefaults.publishers)),
      limit_players_(static_cast<std::int64_t>(kNetDefaults.players)),
      limit_relays_(static_cast<std::int64_t>(kNetDefaults.relays)),
      limit_linger_(kNetDefaults.linger),
      limit_unacknowledged_(kNetDefaults.unacknowledged),
      limit_move_gap_(kNetDefaults.move_gap),
      limit_tiny_chunks_(kNetDefaults.rtmp.tiny_chunks),
      limit_control_messages_(kNetDefaults.rtmp.control_messages),
      limit_stream_requests_(kNetDefaults.rtmp.stream_requests),
      limit_media_messages_(kNetDefaults.rtmp.media_messages),
      limit_unread_answers_{kNetDefaults.rtmp.output_bytes},
      limit_stray_media_(std::chrono::seconds(kNetDefaults.rtmp.stray_media_seconds)) {}

void MediaConfig::declare(config::Options& options) {
  options.add({"control", "Where weir-control answers gRPC."}, control);
  options.add({"metrics-listen", "Metrics, /livez and /readyz."}, metrics_listen);
  options.add_command({"healthcheck", "Asks the running process; exits 0 if it is alive."},
                      healthcheck);
  declare_listeners(options);
  options.add({"instance-id", "This instance's stable name.", "the host name"}, instance_id);
  options.add(
      {"instance-lifetime", "It asks to be replaced after this, give or take a tenth; 0: never."},
      instance_lifetime, {.min = 0ms, .max = 8'760h});
  options.add({"drain-deadline",
               "The most that its shutdown takes, from SIGTERM or from control's permission."},
              drain_deadline, {.min = 1s, .max = 168h});
  options.add({"termination-log", "Where the reason of its end goes, if the file exists."},
              termination_log);
  options.add_command({"request-shutdown",
                       "Asks the process that runs with this configuration to shut down, and waits "
                       "until it has."},
                      request_shutdown);
  options.add({"workers", "Threads that serve media.", "the cores"}, workers,
              {.min = 1, .max = 256});
  options.add({"admission-timeout", "A publisher or player not admitted by then is refused."},
              admission_timeout, kTimeout);
  options.add({"play-wait", "How long a player waits for its stream to be published; 0: not."},
              play_wait, {.min = 0ms, .max = 10min});
  options.add({"play-when-unreachable",
               "New players while control does not answer: none, or up to 200 in the first 5 min, "
               "whom control may turn out once it is back."},
              play_when_unreachable,
              {{"refuse", PlayWhenUnreachable::kRefuse}, {"allow", PlayWhenUnreachable::kAllow}});
  options.add({"egress-merge-min",
               "How long frames are collected before they are sent, whatever the load; 0: they are "
               "sent at once while there is processor time to spare."},
              egress_merge_min, {.min = 0ms, .max = 1s});
  options.add({"egress-merge-max",
               "The longest that a loaded worker collects frames before it sends them; 0: never."},
              egress_merge_max, {.min = 0ms, .max = 1s});
  options.require([this]() -> std::optional<std::string> {
    if (egress_merge_min <= egress_merge_max) return std::nullopt;
    return "egress-merge-min is longer than egress-merge-max";
  });
  options.add(
      {"ingress-merge-max",
       "The longest that frames which nobody watches lie in their publisher's socket, to be "
       "read together; 0: they are read as they come."},
      ingress_merge_max, {.min = 0ms, .max = 1s});
  options.add({"egress-lag-max", "A player further behind is closed."}, egress_lag_max,
              {.min = 1s, .max = 5min});
  declare_limits(options);
  declare_rtmp_limits(options);
  log::add_options(options, log);
}

void MediaConfig::declare_listeners(config::Options& options) {
  options.add({"rtmp-listen", "RTMP, in the clear."}, rtmp_listen);
  options.add({"rtmps-listen", "RTMP under TLS."}, rtmps_listen);
  options.add({"tls-certificate", "PEM file of the certificate and its chain, for RTMPS."},
              tls_certificate);
  options.add({"tls-key", "PEM file of the certificate's key."}, tls_key);
  options.add({"proxy-protocol-from",
               "Networks whose connections begin with a PROXY header: 10.0.0.0/8, 2001:db8::1."},
              proxy_protocol_from_);
  options.add({"advertise-rtmp", "Where clients reach this instance.", "the listen address"},
              advertise_rtmp);
  options.add({"advertise-rtmps", "The same, under TLS.", "the listen address"}, advertise_rtmps);
  options.add({"advertise-relay", "Where other instances reach this one.", "the listen address"},
              advertise_relay);
  options.add({"insecure", "Allow listeners beyond loopback without TLS."}, insecure);

  options.require([this]() -> std::optional<std::string> {
    if (insecure || is_loopback(rtmp_listen)) return std::nullopt;
    return "rtmp-listen is reachable from other machines without TLS; --insecure allows it";
  });
  options.require([this]() -> std::optional<std::string> {
    if (!rtmps_listen || (!tls_certificate.empty() && !tls_key.empty())) return std::nullopt;
    return "rtmps-listen needs tls-certificate and tls-key";
  });
  options.require([this] { return unreadable("tls-certificate", tls_certificate); });
  options.require([this] { return unreadable("tls-key", tls_key); });
  options.require([this]() -> std::optional<std::string> {
    if (net::TrustedNetworks::parse(proxy_protocol_from_)) return std::nullopt;
    return "proxy-protocol-from is a list of networks, as 10.0.0.0/8, 2001:db8::/32";
  });
}

net::TrustedNetworks MediaConfig::proxy_protocol_from() const {
  return net::TrustedNetworks::parse(proxy_protocol_from_).value_or(net::TrustedNetworks());
}

void MediaConfig::declare_limits(config::Options& options) {
  options.add({"limit-handshake", "From the connection to the end of the RTMP handshake."},
              limit_handshake_, kTimeout);
  options.add(
      {"limit-connect-to-stream", "From the handshake, or the last stream, to a publish or play."},
      limit_connect_to_stream_, kTimeout);
  options.add({"limit-silence-interrupt", "A publisher without media for so long is interrupted."},
              limit_silence_interrupt_, kTimeout);
  options.add({"limit-silence-close", "A publisher without media for so long is closed."},
              limit_silence_close_, kTimeout);
  options.add({"limit-linger", "For a client to read why it is closed."}, limit_linger_,
              {.min = 0ms, .max = 1min});
  options.add({"limit-unacknowledged",
               "A peer that acknowledges neither data nor keepalive probes for so long is gone."},
              limit_unacknowledged_, {.min = 2s, .max = 10min});
  options.add({"limit-move-gap",
               "Players of a stream that moves hear that it is gone if it is not back by then."},
              limit_move_gap_, {.min = 0ms, .max = 10min});
  options.add({"limit-pending-admission", "Media kept while a publisher waits for admission."},
              limit_pending_admission_, {.min = 64_KiB, .max = 1_GiB});
  options.add({"limit-stream-bytes", "What is kept of one stream for its players."},
              limit_stream_bytes_, {.min = 1_MiB, .max = 1_GiB});
  options.add({"limit-stream-history", "What is kept of one stream before its newest keyframe."},
              limit_stream_history_, {.min = 0ms, .max = 1min});
  options.add({"limit-connections", "All connections; 0: no limit."}, limit_connections_, kCount);
  options.add({"limit-connections-per-address", "Connections of one address; 0: no limit."},
              limit_connections_per_address_, kCount);
  options.add({"limit-publishers", "Publishers; 0: no limit."}, limit_publishers_, kCount);
  options.add({"limit-players", "Players; 0: no limit."}, limit_players_, kCount);
  options.add({"limit-relays", "Streams played from other instances; 0: no limit."}, limit_relays_,
              kCount);
}

void MediaConfig::declare_rtmp_limits(config::Options& options) {
  options.add({"limit-message", "One RTMP message."}, limit_message_,
              {.min = 64_KiB, .max = 16_MiB});
  options.add({"limit-partial-messages", "Unfinished messages of one connection."},
              limit_partial_messages_, {.min = 64_KiB, .max = 1_GiB});
  options.add({"limit-command", "One RTMP command."}, limit_command_, {.min = 1_KiB, .max = 1_MiB});
  options.add({"limit-amf-depth", "Objects and arrays in one another, in a command's values."},
              limit_amf_depth_, {.min = 2, .max = 64});
  options.add({"limit-chunk-streams", "RTMP chunk streams in use on one connection."},
              limit_chunk_streams_, {.min = 8, .max = 65'599});
  options.add({"limit-message-streams", "RTMP message streams of one connection."},
              limit_message_streams_, {.min = 1, .max = 1'024});
  options.add({"limit-tiny-chunks",
               "Chunks of one connection in a second that have under 64 bytes and end no message."},
              limit_tiny_chunks_, {.min = 100, .max = 10'000'000});
  options.add({"limit-control-messages",
               "Messages of one connection in a second that carry no media: commands, pings."},
              limit_control_messages_, {.min = 10, .max = 10'000'000});
  options.add({"limit-stream-requests",
               "Requests of one connection in a second to publish or play: control is asked each."},
              limit_stream_requests_, {.min = 1, .max = 10'000'000});
  options.add({"limit-media-messages", "Media messages of one connection in a second."},
              limit_media_messages_, {.min = 100, .max = 10'000'000});
  options.add({"limit-stray-media",
               "Media for message streams that publish nothing ends its connection after this."},
              limit_stray_media_, {.min = 1s, .max = 1h});
  options.add({"limit-unread-answers", "Answers that a connection's peer does not read."},
              limit_unread_answers_, {.min = 16_KiB, .max = 64_MiB});
}

net::Limits MediaConfig::limits() const {
  net::Limits limits;
  limits.connections = static_cast<std::size_t>(limit_connections_);
  limits.connections_per_address = static_cast<std::size_t>(limit_connections_per_address_);
  limits.publishers = static_cast<std::size_t>(limit_publishers_);
  limits.players = static_cast<std::size_t>(limit_players_);
  limits.relays = static_cast<std::size_t>(limit_relays_);
  limits.handshake = limit_handshake_;
  limits.connect_to_stream = limit_connect_to_stream_;
  limits.admission_timeout = admission_timeout;
  limits.silence_interrupts = limit_silence_interrupt_;
  limits.silence_closes = limit_silence_close_;
  limits.pending_admission_bytes = limit_pending_admission_.bytes;
  limits.egress_lag = egress_lag_max;
  limits.egress_merge_min = egress_merge_min;
  limits.egress_merge_max = egress_merge_max;
  limits.ingress_merge_max = ingress_merge_max;
  limits.play_wait = play_wait;
  if (play_when_unreachable == PlayWhenUnreachable::kAllow) {
    limits.offline.max_players = kPlayersWhenUnreachable;
  }
  limits.rtmp.message_bytes = limit_message_.bytes;
  limits.rtmp.partial_bytes = limit_partial_messages_.bytes;
  limits.rtmp.chunk_streams = static_cast<std::size_t>(limit_chunk_streams_);
  limits.rtmp.command_bytes = limit_command_.bytes;
  limits.linger = limit_linger_;
  limits.unacknowledged = limit_unacknowledged_;
  limits.move_gap = limit_move_gap_;
  limits.rtmp.tiny_chunks = static_cast<std::uint32_t>(limit_tiny_chunks_);
  limits.rtmp.control_messages = static_cast<std::uint32_t>(limit_control_messages_);
  limits.rtmp.stream_requests = static_cast<std::uint32_t>(limit_stream_requests_);
  limits.rtmp.media_messages = static_cast<std::uint32_t>(limit_media_messages_);
  limits.rtmp.output_bytes = limit_unread_answers_.bytes;
  limits.rtmp.stray_media_seconds = static_cast<std::uint32_t>(
      std::chrono::ceil<std::chrono::seconds>(limit_stray_media_).count());
  limits.rtmp.amf_depth = static_cast<std::size_t>(limit_amf_depth_);
  limits.rtmp.message_streams = static_cast<std::size_t>(limit_message_streams_);
  return limits;
}

hub::LogLimits MediaConfig::log_limits() const {
  hub::LogLimits limits;
  limits.bytes = limit_stream_bytes_.bytes;
  limits.history = limit_stream_history_;
  return limits;
}

}  // namespace weir::media
