#include "tests/load/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

namespace weir::load {
namespace {

constexpr std::size_t kDiscardBytes = std::size_t{4} << 20;

Transfer outcome(ssize_t result) {
  if (result > 0) return {Progress::kMoved, static_cast<std::size_t>(result)};
  const bool blocked = result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {blocked ? Progress::kWouldBlock : Progress::kEnded, 0};
}

}  // namespace

SocketAddress resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw std::runtime_error(host + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

FileDescriptor start_connect(const SocketAddress& address) {
  FileDescriptor socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto fail = [](const char* what) {
    return std::system_error(errno, std::generic_category(), what);
  };
  if (!socket) throw fail("socket");
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* peer = reinterpret_cast<const sockaddr*>(&address.storage);
  if (connect(socket.get(), peer, address.size) != 0 && errno != EINPROGRESS) {
    throw fail("connect");
  }
  return socket;
}

int connect_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

Transfer receive(int socket, std::span<std::uint8_t> buffer) {
  return outcome(recv(socket, buffer.data(), buffer.size(), 0));
}

Transfer discard(int socket) {
  // With MSG_TRUNC, Linux drops the bytes of a TCP socket and touches no buffer (tcp(7)).
  return outcome(recv(socket, nullptr, kDiscardBytes, MSG_TRUNC));
}

Transfer send_some(int socket, std::span<const std::uint8_t> bytes) {
  return outcome(send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace weir::load
