// A connection from a trusted network, before its first byte of RTMP or TLS.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "media_svc/net/close_reason.h"
#include "media_svc/net/proxy_header.h"
#include "media_svc/net/worker.h"

namespace weir::media::net {

// Reads the PROXY header off a socket, and not a byte more. Lives on its worker, which holds it
// until the header is here, wrong or late, or the peer is gone.
class ProxyPreamble final : public Connection, public std::enable_shared_from_this<ProxyPreamble> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // Who is behind the socket: the balancer itself where the header names nobody. Or why the
  // connection is to be dropped.
  using Outcome = Result<boost::asio::ip::tcp::endpoint, CloseReason>;
  using Done = std::function<void(Socket, Outcome)>;

  ProxyPreamble(Socket socket, boost::asio::ip::tcp::endpoint balancer, Worker& worker,
                SteadyTime deadline, Done done);

  void open();
  void on_tick(SteadyTime now) override;
  void shut_down() override;

 private:
  void wait_readable();
  void on_readable();
  // Nothing: more bytes are needed.
  Result<std::optional<ProxyHeader>, CloseReason> receive();
  void finish(Outcome outcome);

  Socket socket_;
  const boost::asio::ip::tcp::endpoint balancer_;
  Worker& worker_;
  const SteadyTime deadline_;
  Done done_;
  std::vector<std::uint8_t> received_;
};

}  // namespace weir::media::net
