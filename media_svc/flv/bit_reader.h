// Reads the bits of a video sequence header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::media::flv {

// A value over bytes that outlive it. Reads beyond the end give zeros and make ok() false.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t bits(unsigned count);
  bool flag() { return bits(1) != 0; }
  void skip(std::size_t count);
  // Exponential Golomb codes, H.264 section 9.1; codes of more than 32 bits are refused.
  std::uint32_t ue();
  std::int32_t se();
  bool ok() const { return ok_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace weir::media::flv
