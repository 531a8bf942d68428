#include "media_svc/net/proxy_preamble.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace weir::media::net {

using boost::asio::ip::tcp;

ProxyPreamble::ProxyPreamble(Socket socket, tcp::endpoint balancer, Worker& worker,
                             SteadyTime deadline, Done done)
    : socket_(std::move(socket)),
      balancer_(std::move(balancer)),
      worker_(worker),
      deadline_(deadline),
      done_(std::move(done)) {}

void ProxyPreamble::open() {
  worker_.add(shared_from_this());
  wait_readable();
}

void ProxyPreamble::wait_readable() {
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->done_) self->on_readable();
                     });
}

void ProxyPreamble::on_readable() {
  const auto header = receive();
  if (!header) return finish(header.error());
  if (!*header) return wait_readable();
  if (!(*header)->source) return finish(balancer_);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address((*header)->source->host, error);
  finish(error ? balancer_ : tcp::endpoint(address, (*header)->source->port));
}

// Looks at what is there before it takes the part that belongs to the header.
Result<std::optional<ProxyHeader>, CloseReason> ProxyPreamble::receive() {
  const int descriptor = socket_.native_handle();
  const std::size_t before = received_.size();
  received_.resize(kProxyHeaderBytes);
  const ssize_t seen = ::recv(descriptor, received_.data() + before, kProxyHeaderBytes - before,
                              MSG_PEEK | MSG_DONTWAIT);
  received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(seen, 0)));
  if (seen == 0) return CloseReason::kPeerClosed;
  if (seen < 0) return std::optional<ProxyHeader>();

  auto header = parse_proxy_header(received_);
  if (!header) return CloseReason::kProtocolFault;
  const std::size_t until = *header ? (*header)->bytes : received_.size();
  ::recv(descriptor, received_.data() + before, until - before, MSG_DONTWAIT);
  return *std::move(header);
}

void ProxyPreamble::finish(Outcome outcome) {
  const auto alive = shared_from_this();
  const Done done = std::exchange(done_, nullptr);
  worker_.remove(*this);
  done(std::move(socket_), std::move(outcome));
}

void ProxyPreamble::on_tick(SteadyTime now) {
  if (done_ && now >= deadline_) finish(CloseReason::kHandshakeTimeout);
}

void ProxyPreamble::shut_down() {
  if (done_) finish(CloseReason::kShutdown);
}

}  // namespace weir::media::net
