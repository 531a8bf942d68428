// A listening socket that hands its connections to the least loaded worker.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/result.h"
#include "media_svc/net/worker_pool.h"

namespace weir::media::net {

// Owned by main. Accepts on the first worker's thread until `close`; outlives the workers' threads.
class Listener {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // Called on the thread of the place's worker, where the socket belongs.
  using OnSocket = std::function<void(Socket, Worker::Place)>;

  // Throws std::runtime_error with the address if it cannot listen.
  // A connection whose peer acknowledges nothing for `unacknowledged` is ended by the system.
  Listener(const Endpoint& endpoint, WorkerPool& workers, Duration unacknowledged);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void start(OnSocket on_socket);
  // Takes no more connections. Any thread.
  void close();
  // As bound, with the port that the system chose for 0.
  Endpoint address() const;

 private:
  void wait();
  // What waits to be accepted, as far as it is this turn's.
  void accept_turn();

  WorkerPool& workers_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  OnSocket on_socket_;
  SteadyTime last_turn_{};
};

}  // namespace weir::media::net
