// The bytes of one connection, in the clear or under TLS, never blocking.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace weir::media::net {

enum class IoState : std::uint8_t {
  kDone,
  // Nothing moved: wait until the socket is ready.
  kAgain,
  // The peer ended its side in order.
  kEnd,
  // Reset, or broken TLS.
  kFailed,
  // The peer acknowledged nothing for too long (Listener's user timeout).
  kTimedOut,
};

struct IoResult {
  IoState state = IoState::kAgain;
  std::size_t bytes = 0;
};

// What `errno` says of a call that moved nothing.
IoState state_of(int error);

// Owned by its connection, on that connection's worker; does not own the descriptor.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult read(std::span<std::uint8_t> into) = 0;
  // Takes a prefix of the gathered bytes.
  virtual IoResult write(std::span<const iovec> gathered) = 0;
  // Bytes taken by `write` that the socket has yet to take; any `write`, also of nothing, tries.
  virtual bool has_unsent() const { return false; }
  // Bytes taken from the socket that `read` has yet to give: they make no socket readable again.
  virtual bool has_received() const { return false; }
  // Says that no more will be written, where that is said in more than a FIN.
  virtual void end_writing() {}
  // As control is told: "rtmp" or "rtmps".
  virtual const char* protocol() const { return "rtmp"; }
};

class TlsContext;

std::unique_ptr<Transport> make_plain_transport(int descriptor);
// The handshake happens with the first reads.
std::unique_ptr<Transport> make_tls_transport(int descriptor, const TlsContext& context);

}  // namespace weir::media::net
