#include "media_svc/net/listener.h"

#include <netinet/tcp.h>

#include <boost/asio/ip/v6_only.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace weir::media::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr int kBacklog = 4'096;
// Connections taken before the worker's other work gets its turn.
constexpr int kAcceptsATurn = 64;
// Connections that come in the same moment. One that comes alone is taken alone: to find out that
// no other waits costs the system half of an accept.
constexpr Duration kMoment{1};
// Out of descriptors: as long as nothing is closed there is no use in asking again.
constexpr Duration kAcceptPause{100};

void set_tcp_option(tcp::acceptor& acceptor, int option, int value) {
  ::setsockopt(acceptor.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
}

// What each connection inherits. Data that is not acknowledged ends it after the user timeout (RFC
// 5482; retransmission alone takes 15 minutes to give up). Where there is nothing to send, probes
// take the place of data.
void tune(tcp::acceptor& acceptor, Duration unacknowledged) {
  const auto half = std::chrono::ceil<std::chrono::seconds>(unacknowledged / 2);
  boost::system::error_code ignored;
  std::ignore = acceptor.set_option(tcp::no_delay(true), ignored);
  std::ignore = acceptor.set_option(tcp::acceptor::keep_alive(true), ignored);
  set_tcp_option(acceptor, TCP_USER_TIMEOUT, static_cast<int>(unacknowledged.count()));
  set_tcp_option(acceptor, TCP_KEEPIDLE, static_cast<int>(half.count()));
  set_tcp_option(acceptor, TCP_KEEPINTVL, static_cast<int>(half.count()));
}

tcp::acceptor open(const Endpoint& endpoint, asio::io_context& io, Duration unacknowledged) try {
  tcp::resolver resolver(io);
  const tcp::endpoint address =
      *resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive)
           .begin();
  tcp::acceptor acceptor(io);
  acceptor.open(address.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  // [::] takes IPv4 too.
  if (address.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false));
  tune(acceptor, unacknowledged);
  acceptor.bind(address);
  acceptor.listen(kBacklog);
  acceptor.non_blocking(true);
  return acceptor;
} catch (const boost::system::system_error& error) {
  throw std::runtime_error("cannot listen on " + to_string(endpoint) + ": " +
                           error.code().message());
}

}  // namespace

Listener::Listener(const Endpoint& endpoint, WorkerPool& workers, Duration unacknowledged)
    : workers_(workers),
      acceptor_(open(endpoint, workers.at(0).io(), unacknowledged)),
      pause_(workers.at(0).io()) {}

void Listener::start(OnSocket on_socket) {
  workers_.at(0).post([this, on_socket = std::move(on_socket)]() mutable {
    on_socket_ = std::move(on_socket);
    wait();
  });
}

void Listener::close() {
  workers_.at(0).post([this] {
    boost::system::error_code ignored;
    std::ignore = acceptor_.close(ignored);
    pause_.cancel();
  });
}

Endpoint Listener::address() const {
  const tcp::endpoint local = acceptor_.local_endpoint();
  return {.host = local.address().to_string(), .port = local.port()};
}

void Listener::wait() {
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_turn();
  });
}

void Listener::accept_turn() {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  const int most = now - std::exchange(last_turn_, now) < kMoment ? kAcceptsATurn : 1;
  for (int i = 0; i < most; ++i) {
    Worker::Place place(workers_.least_loaded());
    boost::system::error_code error;
    tcp::socket socket = acceptor_.accept(place.worker().io(), error);
    if (error == asio::error::would_block) break;
    if (error == asio::error::connection_aborted) continue;
    if (error) {
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) wait();
      });
      return;
    }
    Worker& worker = place.worker();
    worker.dispatch([this, socket = std::move(socket), place = std::move(place)]() mutable {
      on_socket_(std::move(socket), std::move(place));
    });
  }
  wait();
}

}  // namespace weir::media::net
