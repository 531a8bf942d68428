// Reads big-endian numbers off the front of bytes that may end anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace weir::media::flv {

// A value over bytes that outlive it. After the first read that asks for too much, all fail.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return number(3); }
  std::uint32_t u32() { return number(4); }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::span<const std::uint8_t> rest() const { return rest_; }
  // False once a read went beyond the end; what it returned was 0.
  bool ok() const { return ok_; }

 private:
  std::uint32_t number(std::size_t width) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : take(width)) value = value << 8 | byte;
    return value;
  }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace weir::media::flv
