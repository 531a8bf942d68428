#include "control_svc/store/page_token.h"

#include <charconv>

namespace weir::control::store {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kFiltersSize = 16;

void append_hex(std::string& text, std::uint8_t byte) {
  text += kHex[byte >> 4];
  text += kHex[byte & 15];
}

}  // namespace

std::string make_page_token(std::uint64_t filters, std::string_view last_key) {
  std::string token;
  token.reserve(kFiltersSize + 2 * last_key.size());
  for (int shift = 56; shift >= 0; shift -= 8) {
    append_hex(token, static_cast<std::uint8_t>(filters >> shift));
  }
  for (const char c : last_key) append_hex(token, static_cast<std::uint8_t>(c));
  return token;
}

std::optional<std::string> read_page_token(std::uint64_t filters, std::string_view token) {
  if (token.size() < kFiltersSize || token.size() % 2 != 0) return std::nullopt;
  if (token.substr(0, kFiltersSize) != make_page_token(filters, {})) return std::nullopt;
  std::string key;
  for (std::size_t i = kFiltersSize; i < token.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* begin = token.data() + i;
    const auto [end, error] = std::from_chars(begin, begin + 2, byte, 16);
    if (error != std::errc{} || end != begin + 2) return std::nullopt;
    key += static_cast<char>(byte);
  }
  return key;
}

}  // namespace weir::control::store
