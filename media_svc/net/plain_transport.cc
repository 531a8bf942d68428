#include <sys/socket.h>

#include <cerrno>

#include "media_svc/net/transport.h"

namespace weir::media::net {
namespace {

IoResult result_of(ssize_t moved) {
  if (moved > 0) return {.state = IoState::kDone, .bytes = static_cast<std::size_t>(moved)};
  if (moved == 0) return {.state = IoState::kEnd, .bytes = 0};
  return {.state = state_of(errno), .bytes = 0};
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int descriptor) : descriptor_(descriptor) {}

  IoResult read(std::span<std::uint8_t> into) override {
    return result_of(::recv(descriptor_, into.data(), into.size(), MSG_DONTWAIT));
  }

  IoResult write(std::span<const iovec> gathered) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(gathered.data());
    message.msg_iovlen = gathered.size();
    return result_of(::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
  }

 private:
  const int descriptor_;
};

}  // namespace

IoState state_of(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return IoState::kAgain;
  return error == ETIMEDOUT ? IoState::kTimedOut : IoState::kFailed;
}

std::unique_ptr<Transport> make_plain_transport(int descriptor) {
  return std::make_unique<PlainTransport>(descriptor);
}

}  // namespace weir::media::net
