// bare-receive: what it costs at least to take many publishers' bytes: epoll, and one read each
// time that a socket has something. Nothing is looked at.
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <unordered_map>
#include <vector>

#include "tests/bench/bare_listener.h"

namespace weir::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

class Receiver {
 public:
  Receiver(std::uint16_t port, int low_water)
      : low_water_(low_water),
        listener_(listen_on_loopback(port)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        buffer_(kBufferBytes) {
    watch(listener_.get());
  }

  void run() {
    std::array<epoll_event, 64> ready;
    for (;;) {
      const int count = epoll_wait(epoll_.get(), ready.data(), ready.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int socket = ready[i].data.fd;
        if (socket == listener_.get()) {
          accept_all();
        } else if (recv(socket, buffer_.data(), buffer_.size(), 0) <= 0) {
          sockets_.erase(socket);
        }
      }
    }
  }

 private:
  void watch(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
  }

  void accept_all() {
    while (auto socket = accept_one(listener_.get())) {
      const int descriptor = socket.get();
      setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &low_water_, sizeof low_water_);
      sockets_.emplace(descriptor, std::move(socket));
      watch(descriptor);
    }
  }

  int low_water_;
  load::FileDescriptor listener_;
  load::FileDescriptor epoll_;
  std::vector<char> buffer_;
  std::unordered_map<int, load::FileDescriptor> sockets_;
};

int main_with(int argc, const char* const* argv) {
  std::uint16_t port = 0;
  int low_water = 1;
  CLI::App app("Reads and forgets what connects.", "bare-receive");
  app.add_option("--port", port, "0: any");
  app.add_option("--low-water", low_water, "Bytes that are worth a read (SO_RCVLOWAT)");
  CLI11_PARSE(app, argc, argv);
  try {
    raise_descriptor_limit();
    Receiver(port, low_water).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-receive: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::main_with(argc, argv); }
