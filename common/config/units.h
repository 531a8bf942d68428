// Text to typed values and back, as options and documents write them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace weir::config {

// A number of bytes, written "4MiB"; its own type so that it is not taken for a count.
struct ByteSize {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

constexpr ByteSize operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr ByteSize operator""_MiB(unsigned long long n) { return {n << 20}; }
constexpr ByteSize operator""_GiB(unsigned long long n) { return {n << 30}; }

// "500ms", "10s", "5m", "24h", "7d", or "0". Nothing else, and nothing that overflows.
std::optional<Duration> parse_duration(std::string_view text);
// In the largest unit that divides it.
std::string to_text(Duration duration);

// "512B", "64KiB", "4MiB", "1GiB", or "0".
std::optional<ByteSize> parse_byte_size(std::string_view text);
std::string to_text(ByteSize size);

std::optional<bool> parse_bool(std::string_view text);
std::string to_text(bool value);
std::optional<std::int64_t> parse_integer(std::string_view text);
std::string to_text(std::int64_t value);
std::optional<double> parse_number(std::string_view text);
std::string to_text(double value);

}  // namespace weir::config
