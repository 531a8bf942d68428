#include "control_svc/domain/session_id.h"

#include <boost/endian/conversion.hpp>
#include <cstring>

#include "control_svc/domain/digest.h"

namespace weir::control::domain {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

// Above every value, in a bit of its own.
constexpr std::uint8_t kNoValue = 0x80;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoValue);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

}  // namespace

std::size_t bucket_of(std::string_view user_id) {
  // The high bits: FNV mixes them best.
  return Digest{}.add(user_id).value() >> 58;
}

SessionId::SessionId(std::size_t bucket, std::uint64_t random_high, std::uint64_t random_low) {
  static_assert(kBuckets == 64);
  std::memcpy(bytes_.data(), &random_high, 8);
  std::memcpy(bytes_.data() + 8, &random_low, 8);
  bytes_[0] = static_cast<std::uint8_t>((bucket << 2) | (bytes_[0] & 3));
}

SessionId SessionId::from_bytes(const std::array<std::uint8_t, 16>& bytes) {
  SessionId id;
  id.bytes_ = bytes;
  return id;
}

// 26 characters hold 130 bits: the first carries 3 bits of the id, each other 5. The two halves are
// read side by side, and wrong characters are asked for once, because a touch does little else.
std::optional<SessionId> SessionId::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  constexpr std::size_t kHalf = kTextSize / 2;
  std::uint8_t seen = 0;
  const auto value = [&](std::size_t at) -> std::uint64_t {
    const std::uint8_t each = kValues[static_cast<unsigned char>(text[at])];
    seen |= each;
    return each;
  };
  const std::uint64_t first = value(0);
  const std::uint64_t middle = value(kHalf);
  std::uint64_t high = first;
  std::uint64_t low = middle & 0x0f;
#pragma clang loop unroll(full)
  for (std::size_t i = 1; i < kHalf; ++i) {
    high = high << 5 | value(i);
    low = low << 5 | value(kHalf + i);
  }
  high = high << 1 | middle >> 4;
  if (seen >= kNoValue || first >= 8) return std::nullopt;
  SessionId id;
  boost::endian::store_big_u64(id.bytes_.data(), high);
  boost::endian::store_big_u64(id.bytes_.data() + 8, low);
  return id;
}

// The other way round: twelve characters of the low half, one of both, thirteen of the high one.
std::array<char, SessionId::kTextSize> SessionId::text() const {
  constexpr std::size_t kShared = 13;
  const std::uint64_t high = boost::endian::load_big_u64(bytes_.data());
  const std::uint64_t low = boost::endian::load_big_u64(bytes_.data() + 8);
  std::array<char, kTextSize> text{};
  text[kShared] = kAlphabet[(low >> 60 | high << 4) & 31];
#pragma clang loop unroll(full)
  for (std::size_t i = 0; i < kShared; ++i) {
    text[kShared - 1 - i] = kAlphabet[high >> (5 * i + 1) & 31];
    if (i + 1 < kShared) text[kTextSize - 1 - i] = kAlphabet[low >> (5 * i) & 31];
  }
  return text;
}

std::string SessionId::str() const {
  const std::array<char, kTextSize> characters = text();
  return {characters.data(), characters.size()};
}

std::size_t SessionId::hash() const {
  // All but the bucket is random already.
  std::size_t tail = 0;
  std::memcpy(&tail, bytes_.data() + 8, sizeof(tail));
  return tail;
}

}  // namespace weir::control::domain
