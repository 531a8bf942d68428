// A media instance of a test: the whole of net as main wires it, on real sockets, beside a
// scripted control.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "media_svc/control_link/control_link.h"
#include "media_svc/net/listener.h"
#include "media_svc/net/rtmp_service.h"
#include "tests/media_svc/control_link/scripted_control.h"
#include "tests/media_svc/net/rtmp_peer.h"

namespace weir::media::testing {

// Owned by a test, on its thread, which changes `limits`, `host` and `balancers` first, then
// starts it. Ends with all its connections.
struct MediaInstance {
  static constexpr std::size_t kWorkers = 2;

  MediaInstance();
  MediaInstance(const MediaInstance&) = delete;
  MediaInstance& operator=(const MediaInstance&) = delete;
  ~MediaInstance();

  void start();
  // Another listener of the running service, for RTMPS.
  void start_tls(const std::string& certificate_file, const std::string& key_file);
  RtmpPeer publisher(const std::string& name) const;
  RtmpPeer player(const std::string& name) const;

  // Lets the peer go on until control has been asked `admissions` times in all; at most 30 s.
  bool wait_asked(RtmpPeer& peer, std::size_t admissions);
  // Waits up to 30 s for a line of /metrics to be there, as "weir_limits_hit_total{limit=\"x\"} 1".
  bool wait_for_metric(const std::string& line) const;
  bool wait_until(const std::function<bool()>& condition) const;
  // Until each worker has looked at the time limits of all its connections `count` times.
  bool wait_for_turns(std::uint64_t count) const;

  net::Limits limits;
  std::string host = "127.0.0.1";
  net::TrustedNetworks balancers;
  ScriptedControl control;
  // Admissions that control has refused as FAILED_PRECONDITION and the link has heard of.
  std::atomic<int> refusals_heard = 0;
  // Answers to searches that the link has heard, or waits no longer for.
  std::atomic<int> searches_heard = 0;
  net::SessionDirectory sessions;
  metrics::Registry registry;
  net::RtmpMetrics metrics{registry, kWorkers};

  std::unique_ptr<net::WorkerPool> workers;
  std::unique_ptr<hub::Registry> streams;
  std::unique_ptr<net::OfflineDesk> offline;
  std::unique_ptr<control_link::ControlLink> link;
  std::unique_ptr<net::RtmpService> service;
  std::unique_ptr<net::Listener> listener;
  std::optional<net::TlsContext> tls;
  std::unique_ptr<net::Listener> tls_listener;
};

}  // namespace weir::media::testing
