// bare-relay: what it costs at least to pass many streams on to a few players each: epoll, one read
// each time that a publisher has said something, one write of it to each of its players. Nothing is
// looked at; what a socket does not take is lost.
#include <fmt/core.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <vector>

#include "tests/bench/bare_server.h"

namespace weir::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

struct Peer {
  load::FileDescriptor socket;
  std::size_t stream = 0;
  bool publishes = false;
};

// The first connections publish a stream each; those that come after them play one after the other.
class Relay {
 public:
  explicit Relay(std::size_t streams) : players_(streams), buffer_(kBufferBytes) {}

  void greet(Peer& peer) {
    peer.publishes = connected_ < players_.size();
    peer.stream = connected_++ % players_.size();
    if (!peer.publishes) players_[peer.stream].push_back(peer.socket.get());
  }

  // False: it has left.
  bool read(const Peer& peer) {
    const ssize_t got = recv(peer.socket.get(), buffer_.data(), buffer_.size(), 0);
    std::vector<int>& players = players_[peer.stream];
    if (got <= 0) {
      if (!peer.publishes) std::erase(players, peer.socket.get());
      return false;
    }
    if (!peer.publishes) return true;
    for (const int player : players) {
      send(player, buffer_.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
    }
    return true;
  }

 private:
  std::vector<std::vector<int>> players_;
  std::vector<char> buffer_;
  std::size_t connected_ = 0;
};

int main_with(int argc, const char* const* argv) {
  std::uint16_t port = 0;
  std::size_t streams = 1;
  CLI::App app("Writes what publishers send to their players.", "bare-relay");
  app.add_option("--port", port, "0: any");
  app.add_option("--streams", streams, "How many of the first connections publish")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    raise_descriptor_limit();
    Relay relay(streams);
    BareServer<Peer>(port).run([&](Peer& peer) { relay.greet(peer); },
                               [&](const Peer& peer) { return relay.read(peer); });
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-relay: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::main_with(argc, argv); }
