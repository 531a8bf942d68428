// bare-receive: what it costs at least to take many publishers' bytes: epoll, and one read each
// time that a socket has something. Nothing is looked at.
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

struct Publisher {
  load::FileDescriptor socket;
};

[[noreturn]] void receive(std::uint16_t port, int low_water) {
  BareServer<Publisher> server(port);
  std::vector<char> buffer(kBufferBytes);
  server.run(
      [low_water](const Publisher& publisher) {
        setsockopt(publisher.socket.get(), SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
      },
      [&buffer](const Publisher& publisher) {
        return recv(publisher.socket.get(), buffer.data(), buffer.size(), 0) > 0;
      });
}

int main_with(int argc, const char* const* argv) {
  std::uint16_t port = 0;
  int low_water = 1;
  CLI::App app("Reads and forgets what connects.", "bare-receive");
  app.add_option("--port", port, "0: any");
  app.add_option("--low-water", low_water, "Bytes that are worth a read (SO_RCVLOWAT)");
  CLI11_PARSE(app, argc, argv);
  try {
    raise_descriptor_limit();
    receive(port, low_water);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bare-receive: {}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) { return weir::bench::main_with(argc, argv); }
