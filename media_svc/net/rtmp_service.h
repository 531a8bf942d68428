// RTMP as a service: what main puts between the listeners and everything else.
#pragma once

#include <memory>
#include <vector>

#include "media_svc/hub/registry.h"
#include "media_svc/net/close_reason.h"
#include "media_svc/net/limits.h"
#include "media_svc/net/listener.h"
#include "media_svc/net/offline_desk.h"
#include "media_svc/net/rtmp_context.h"
#include "media_svc/net/rtmp_worker.h"
#include "media_svc/net/session_directory.h"
#include "media_svc/net/tls_context.h"
#include "media_svc/net/trusted_networks.h"
#include "media_svc/net/worker_pool.h"

namespace weir::media::net {

// Owned by main; outlives the threads of its workers. All that it refers to outlives it.
class RtmpService {
 public:
  RtmpService(const Limits& limits, WorkerPool& workers, control_link::ControlLink& control,
              hub::Registry& registry, RtmpMetrics& metrics, SessionDirectory& sessions,
              OfflineDesk& offline, TrustedNetworks balancers = {});
  RtmpService(const RtmpService&) = delete;
  RtmpService& operator=(const RtmpService&) = delete;
  ~RtmpService();

  // Takes over a fresh connection, on the thread of its place's worker; with `tls`, its bytes are
  // RTMPS. From a trusted network it has to begin with a PROXY header.
  void serve(Listener::Socket socket, Worker::Place place, const TlsContext* tls = nullptr);
  // While off, new publishers and players are refused; those that are there go on. Any thread.
  void set_accepting(bool accepting) { context_.accepting = accepting; }
  // Publishers and players, those that wait for admission included, and other instances' relays.
  // Any thread.
  std::size_t occupants() const {
    return context_.publishers.used() + context_.players.used() + context_.relay_players.used();
  }

 private:
  using Peer = boost::asio::ip::tcp::endpoint;

  static Peer unmapped(const Peer& peer);
  void read_proxy_header(Listener::Socket socket, Worker::Place place, Quota::Unit connection,
                         const Peer& balancer, const TlsContext* tls);
  // One that has said nothing of its client.
  void drop(const Peer& balancer, CloseReason reason) const;
  void open(Listener::Socket socket, Worker::Place place, Quota::Unit connection, const Peer& peer,
            const TlsContext* tls);
  void refuse(const char* limit, const Peer& peer) const;

  RtmpContext context_;
  const TrustedNetworks balancers_;
  std::vector<std::unique_ptr<RtmpWorker>> workers_;
};

}  // namespace weir::media::net
