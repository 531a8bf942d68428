// The name of a session: 128 bits, shown as 26 characters, that tell where its record is.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::control::domain {

// Users, and with them everything that they hold, are spread over so many buckets: the unit of
// locking in memory, of a hash slot in a cluster.
inline constexpr std::size_t kBuckets = 64;

// The bucket of a user's record; the same in every process and release.
std::size_t bucket_of(std::string_view user_id);

// Ordered by its bytes, and so by its bucket first.
class SessionId {
 public:
  static constexpr std::size_t kTextSize = 26;

  SessionId() = default;
  // All of `random` is used, but for the six bits that the bucket takes.
  SessionId(std::size_t bucket, std::uint64_t random_high, std::uint64_t random_low);
  static std::optional<SessionId> parse(std::string_view text);
  static SessionId from_bytes(const std::array<std::uint8_t, 16>& bytes);

  // Lower-case base 32 in Crockford's alphabet.
  std::array<char, kTextSize> text() const;
  std::string str() const;
  std::size_t bucket() const { return bytes_[0] >> 2; }
  bool empty() const { return *this == SessionId{}; }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::size_t hash() const;

  friend auto operator<=>(const SessionId&, const SessionId&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace weir::control::domain
