// What reads of many sockets at least: epoll, and one call each time that a socket has something.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "tests/bench/bare_listener.h"
#include "tests/load/file_descriptor.h"

namespace weir::bench {

// Owns the sockets that connect to it on loopback. `Connection` has the `socket`, and begins empty.
template <class Connection>
class BareServer {
 public:
  // As listen_on_loopback.
  explicit BareServer(std::uint16_t port)
      : listener_(listen_on_loopback(port)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    watch(listener_.get(), nullptr);
  }

  int listener() const { return listener_.get(); }

  // Until the process ends. `greet` is given each new connection; `read` one that has something to
  // be read, and answers whether it is still there.
  template <class Greet, class Read>
  [[noreturn]] void run(const Greet& greet, const Read& read) {
    std::array<epoll_event, 64> ready;
    for (;;) {
      const int count = epoll_wait(epoll_.get(), ready.data(), ready.size(), -1);
      for (int i = 0; i < count; ++i) {
        auto* connection = static_cast<Connection*>(ready[i].data.ptr);
        if (connection == nullptr) {
          accept_all(greet);
        } else if (!read(*connection)) {
          connections_.erase(connection->socket.get());
        }
      }
    }
  }

 private:
  void watch(int socket, Connection* connection) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
  }

  template <class Greet>
  void accept_all(const Greet& greet) {
    while (auto socket = accept_one(listener_.get())) {
      Connection& connection = connections_[socket.get()];
      connection.socket = std::move(socket);
      greet(connection);
      watch(connection.socket.get(), &connection);
    }
  }

  load::FileDescriptor listener_;
  load::FileDescriptor epoll_;
  std::unordered_map<int, Connection> connections_;
};

}  // namespace weir::bench
