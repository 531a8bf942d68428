// HMAC-SHA-256 (RFC 2104, FIPS 180-4) of short texts, many times a second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::hmac {

inline constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<std::uint8_t, kDigestBytes>;

// From any thread. Throws std::runtime_error where OpenSSL has none.
Digest sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message);
Digest sha256(std::string_view key, std::string_view message);

}  // namespace weir::hmac
