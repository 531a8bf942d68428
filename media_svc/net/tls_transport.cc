#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "media_svc/net/tls_context.h"
#include "media_svc/net/transport.h"

namespace weir::media::net {
namespace {

// The most that one TLS record carries (RFC 8446, section 5.1). Gathered bytes are put together to
// whole records: many small ones cost more than the copy.
constexpr std::size_t kRecord = 16u << 10;

// OpenSSL's own socket BIO raises SIGPIPE where the peer is gone; this one does not.
int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int answer(BIO* bio, ssize_t moved, int retry) {
  BIO_clear_retry_flags(bio);
  if (moved < 0 && state_of(errno) == IoState::kAgain) {
    BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(moved);
}

int send_some(BIO* bio, const char* bytes, int count) {
  const auto size = static_cast<std::size_t>(count);
  const ssize_t sent = ::send(descriptor_of(bio), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return answer(bio, sent, BIO_FLAGS_WRITE);
}

int receive_some(BIO* bio, char* into, int count) {
  const auto size = static_cast<std::size_t>(count);
  return answer(bio, ::recv(descriptor_of(bio), into, size, MSG_DONTWAIT), BIO_FLAGS_READ);
}

// Nothing is buffered, so there is nothing to flush; OpenSSL asks all the same.
long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_write(method, &send_some);
  BIO_meth_set_read(method, &receive_some);
  BIO_meth_set_ctrl(method, &control);
  return method;
}

BIO* make_bio(int descriptor) {
  static BIO_METHOD* const kMethod = make_method();
  BIO* bio = BIO_new(kMethod);
  if (bio == nullptr) throw std::bad_alloc();
  // A BIO has room for a pointer; nothing is behind this one.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  return bio;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(int descriptor, const TlsContext& context) : ssl_(SSL_new(context.get())) {
    if (!ssl_) throw std::bad_alloc();
    BIO* bio = make_bio(descriptor);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
  }

  const char* protocol() const override { return "rtmps"; }

  // Record by record until the buffer is full or nothing is left.
  IoResult read(std::span<std::uint8_t> into) override {
    std::size_t total = 0;
    while (total < into.size()) {
      std::size_t some = 0;
      if (SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &some) != 1) {
        const IoState state = failure();
        if (total == 0) return {.state = state, .bytes = 0};
        break;
      }
      total += some;
    }
    return {.state = IoState::kDone, .bytes = total};
  }

  IoResult write(std::span<const iovec> gathered) override {
    if (const IoState state = write_unsent(); state != IoState::kDone) {
      return {.state = state, .bytes = 0};
    }
    std::size_t taken = 0;
    std::array<std::uint8_t, kRecord> record;
    std::size_t offset = 0;
    while (const std::size_t size = fill(record, gathered, offset)) {
      taken += size;
      std::size_t written = 0;
      if (SSL_write_ex(ssl_.get(), record.data(), size, &written) == 1) continue;
      const IoState state = failure();
      if (state != IoState::kAgain) return {.state = state, .bytes = 0};
      // OpenSSL wants these very bytes again.
      unsent_.assign(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
      break;
    }
    return {.state = IoState::kDone, .bytes = taken};
  }

  bool has_unsent() const override { return !unsent_.empty(); }
  bool has_received() const override { return SSL_has_pending(ssl_.get()) == 1; }

  void end_writing() override {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  // Copies up to a record off the front of `gathered`, of whose first piece `offset` bytes are
  // gone.
  static std::size_t fill(std::span<std::uint8_t> record, std::span<const iovec>& gathered,
                          std::size_t& offset) {
    std::size_t size = 0;
    while (size < record.size() && !gathered.empty()) {
      const iovec& piece = gathered.front();
      const std::size_t some = std::min(record.size() - size, piece.iov_len - offset);
      std::memcpy(record.data() + size, static_cast<const std::uint8_t*>(piece.iov_base) + offset,
                  some);
      size += some;
      offset += some;
      if (offset < piece.iov_len) break;
      gathered = gathered.subspan(1);
      offset = 0;
    }
    return size;
  }

  IoState write_unsent() {
    if (unsent_.empty()) return IoState::kDone;
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), unsent_.data(), unsent_.size(), &written) != 1) return failure();
    unsent_ = {};
    return IoState::kDone;
  }

  // Why the last call of OpenSSL moved nothing; its errors are per thread and are cleared for the
  // next connection.
  IoState failure() {
    const int of_socket = errno;
    const int error = SSL_get_error(ssl_.get(), 0);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return IoState::kAgain;
    if (error == SSL_ERROR_SYSCALL && of_socket == ETIMEDOUT) return IoState::kTimedOut;
    return error == SSL_ERROR_ZERO_RETURN ? IoState::kEnd : IoState::kFailed;
  }

  std::unique_ptr<SSL, Free> ssl_;
  // A record that the socket had no room for.
  std::vector<std::uint8_t> unsent_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(int descriptor, const TlsContext& context) {
  return std::make_unique<TlsTransport>(descriptor, context);
}

}  // namespace weir::media::net
