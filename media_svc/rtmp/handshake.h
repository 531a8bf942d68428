// The handshake, both sides of it (Adobe RTMP 1.0, section 5.2, and the digests that Flash added).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "media_svc/rtmp/error.h"

namespace weir::media::rtmp {

// C1, C2, S1 and S2 have this size; C0 and S0 are one byte.
inline constexpr std::size_t kHandshakeBytes = 1536;

// Lives until the peer's C2 is here; then it is dropped with its buffer.
class ServerHandshake {
 public:
  explicit ServerHandshake(std::uint64_t seed) : seed_(seed) {}

  // Takes the handshake's bytes off the front of `input` and appends the answer to `output`. True:
  // done, what is left in `input` are chunks. C0's version is not looked at, nor what C2 echoes:
  // encoders get both wrong and go on. kHttp, kTls: the first bytes are of another protocol.
  Outcome<bool> next(std::span<const std::uint8_t>& input, std::vector<std::uint8_t>& output);

  // Whether the client signed its C1.
  bool digest() const { return digest_; }

 private:
  void answer(std::span<const std::uint8_t> c1, std::vector<std::uint8_t>& output);

  std::uint64_t seed_;
  std::vector<std::uint8_t> received_;
  // Bytes of C2 that are still to come; counts down once C1 was answered.
  std::size_t c2_left_ = 0;
  bool answered_ = false;
  bool digest_ = false;
};

class ClientHandshake {
 public:
  // Appends C0 and C1 to `output`; signed if `digest`.
  ClientHandshake(bool digest, std::uint64_t seed, std::vector<std::uint8_t>& output);

  // As for the server; C2 is appended when S1 is here. kHandshake: a signed C1 was answered with
  // an S1 that is signed wrongly. A server that does not sign is accepted.
  Outcome<bool> next(std::span<const std::uint8_t>& input, std::vector<std::uint8_t>& output);

 private:
  bool digest_;
  std::uint64_t seed_;
  std::vector<std::uint8_t> received_;
  std::size_t s2_left_ = 0;
  bool answered_ = false;
};

}  // namespace weir::media::rtmp
