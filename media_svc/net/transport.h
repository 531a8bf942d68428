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
  // Reset, timed out, broken TLS.
  kFailed,
};

struct IoResult {
  IoState state = IoState::kAgain;
  std::size_t bytes = 0;
};

// Owned by its connection, on that connection's worker; does not own the descriptor.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult read(std::span<std::uint8_t> into) = 0;
  // Takes a prefix of the gathered bytes.
  virtual IoResult write(std::span<const iovec> gathered) = 0;
  // Bytes taken by `write` that the socket has yet to take.
  virtual bool has_unsent() const { return false; }
};

std::unique_ptr<Transport> make_plain_transport(int descriptor);

}  // namespace weir::media::net
