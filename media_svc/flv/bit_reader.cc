#include "media_svc/flv/bit_reader.h"

namespace weir::media::flv {

std::uint32_t BitReader::bits(unsigned count) {
  if (count > bytes_.size() * 8 - position_) {
    ok_ = false;
    position_ = bytes_.size() * 8;
    return 0;
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i, ++position_) {
    const unsigned bit = bytes_[position_ / 8] >> (7 - position_ % 8) & 1;
    value = value << 1 | bit;
  }
  return value;
}

void BitReader::skip(std::size_t count) {
  for (; count > 32; count -= 32) bits(32);
  bits(static_cast<unsigned>(count));
}

std::uint32_t BitReader::ue() {
  unsigned zeros = 0;
  while (ok_ && !flag()) {
    if (++zeros == 32) ok_ = false;
  }
  if (!ok_) return 0;
  const std::uint64_t code = (std::uint64_t{1} << zeros) + bits(zeros) - 1;
  return static_cast<std::uint32_t>(code);
}

std::int32_t BitReader::se() {
  const std::uint32_t code = ue();
  const auto magnitude = static_cast<std::int32_t>(code / 2 + code % 2);
  return code % 2 == 1 ? magnitude : -magnitude;
}

}  // namespace weir::media::flv
