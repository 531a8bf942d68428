#include "media_svc/net/rtmp_service.h"

#include <string>
#include <utility>

#include "common/endpoint.h"
#include "common/log/log.h"
#include "media_svc/net/proxy_preamble.h"
#include "media_svc/net/rtmp_connection.h"
#include "media_svc/net/transport.h"

namespace weir::media::net {
namespace {

std::string text_of(const boost::asio::ip::tcp::endpoint& peer) {
  return to_string(Endpoint{.host = peer.address().to_string(), .port = peer.port()});
}

}  // namespace

RtmpService::RtmpService(const Limits& limits, WorkerPool& workers,
                         control_link::ControlLink& control, hub::Registry& registry,
                         RtmpMetrics& metrics, SessionDirectory& sessions, OfflineDesk& offline,
                         TrustedNetworks balancers)
    : context_(limits, control, registry, metrics, sessions, offline),
      balancers_(std::move(balancers)) {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers_.push_back(
        std::make_unique<RtmpWorker>(workers.at(i), static_cast<hub::WorkerId>(i), context_));
  }
}

RtmpService::~RtmpService() = default;

// [::] takes IPv4 connections, too, and gives them IPv6 addresses (RFC 4291, section 2.5.5.2), as a
// balancer does that listens there.
RtmpService::Peer RtmpService::unmapped(const Peer& peer) {
  const auto& address = peer.address();
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return peer;
  using namespace boost::asio::ip;
  return {make_address_v4(v4_mapped, address.to_v6()), peer.port()};
}

void RtmpService::serve(Listener::Socket socket, Worker::Place place, const TlsContext* tls) {
  boost::system::error_code error;
  const Peer peer = unmapped(socket.remote_endpoint(error));
  if (error) return;
  auto connection = context_.connections.take();
  if (!connection) return refuse("connections", peer);
  if (balancers_.contains(peer.address())) {
    read_proxy_header(std::move(socket), std::move(place), std::move(*connection), peer, tls);
  } else {
    open(std::move(socket), std::move(place), std::move(*connection), peer, tls);
  }
}

void RtmpService::read_proxy_header(Listener::Socket socket, Worker::Place place,
                                    Quota::Unit connection, const Peer& balancer,
                                    const TlsContext* tls) {
  Worker& worker = place.worker();
  // Shared, as the callback is copied and these are not.
  auto held = std::make_shared<std::pair<Worker::Place, Quota::Unit>>(std::move(place),
                                                                      std::move(connection));
  auto done = [this, held, tls, balancer](Listener::Socket ready,
                                          const ProxyPreamble::Outcome& peer) {
    if (!peer) return drop(balancer, peer.error());
    open(std::move(ready), std::move(held->first), std::move(held->second), unmapped(*peer), tls);
  };
  std::make_shared<ProxyPreamble>(std::move(socket), balancer, worker,
                                  steady_now() + context_.limits.handshake, std::move(done))
      ->open();
}

void RtmpService::drop(const Peer& balancer, CloseReason reason) const {
  const std::string peer = text_of(balancer);
  if (reason == CloseReason::kProtocolFault) {
    context_.metrics.protocol_errors.with({"proxy_header"}).Increment();
    log::warn("connection.fault", {{"peer", peer}, {"reason", "proxy_header"}},
              "a connection from a trusted network begins with no PROXY header");
  } else if (reason == CloseReason::kHandshakeTimeout) {
    context_.metrics.handshakes.with({"timeout"}).Increment();
    context_.metrics.limits_hit.with({"handshake"}).Increment();
  }
  log_closed(peer, reason);
}

void RtmpService::open(Listener::Socket socket, Worker::Place place, Quota::Unit connection,
                       const Peer& peer, const TlsContext* tls) {
  auto address = context_.addresses.take(peer.address());
  if (!address) return refuse("connections_per_address", peer);
  RtmpWorker& worker = *workers_[place.worker().id()];
  auto transport = tls ? make_tls_transport(socket.native_handle(), *tls)
                       : make_plain_transport(socket.native_handle());
  auto opened =
      std::make_shared<RtmpConnection>(std::move(socket), std::move(transport), peer,
                                       RtmpConnection::Holdings{.place = std::move(place),
                                                                .connection = std::move(connection),
                                                                .address = std::move(*address)},
                                       worker);
  opened->open();
}

void RtmpService::refuse(const char* limit, const Peer& peer) const {
  context_.metrics.limits_hit.with({limit}).Increment();
  log::warn("connection.refused", {{"peer", text_of(peer)}, {"limit", limit}},
            "too many connections");
}

}  // namespace weir::media::net
