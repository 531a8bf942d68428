// TCP as the load program uses it: non-blocking, without Nagle's delay.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tests/load/file_descriptor.h"

namespace weir::load {

// A resolved address; a value.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Asks the system's resolver; blocks. Throws std::runtime_error with its explanation.
SocketAddress resolve(const std::string& host, std::uint16_t port);

// The connection is not there yet: the socket becomes writable when it is, or has failed. Throws
// std::system_error where the system refuses at once (no descriptors, no ports).
FileDescriptor start_connect(const SocketAddress& address);
// Zero, or the errno with which the connection failed.
int connect_error(int socket);

enum class Progress : std::uint8_t { kMoved, kWouldBlock, kEnded };
struct Transfer {
  Progress progress = Progress::kMoved;
  std::size_t bytes = 0;
};

Transfer receive(int socket, std::span<std::uint8_t> buffer);
// Takes what has arrived without copying it to this process.
Transfer discard(int socket);
Transfer send_some(int socket, std::span<const std::uint8_t> bytes);

}  // namespace weir::load
