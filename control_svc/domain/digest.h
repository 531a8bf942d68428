// Digests that are the same in every process and release; not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::control::domain {

// FNV-1a of 64 bits. Feed fields through it one after the other; each is closed by its length, so
// that moving a byte from one field to the next is another digest.
class Digest {
 public:
  static constexpr std::uint64_t kPrime = 0x100000001b3U;

  Digest& add(std::string_view field);
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * kPrime; }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace weir::control::domain
