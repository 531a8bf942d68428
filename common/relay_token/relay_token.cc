#include "common/relay_token/relay_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace weir::relay_token {
namespace {

// The key signs nothing else, and would not be mistaken if it did.
constexpr std::string_view kPurpose = "weir relay token 1";

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string signed_token(std::string_view key, std::string_view stream_id, std::int64_t end) {
  // A stream id holds no NUL, so that no two of these read the same.
  std::string text(kPurpose);
  text.append(1, '\0').append(stream_id).append(1, '\0').append(fmt::format("{:x}", end));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(),
           &size) == nullptr) {
    throw std::runtime_error("HMAC-SHA-256 is not available");
  }
  std::string token = fmt::format("{:x}.", end);
  for (unsigned int i = 0; i < size; ++i) token += fmt::format("{:02x}", mac.at(i));
  return token;
}

std::optional<std::int64_t> end_of(std::string_view token) {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::int64_t end = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + dot, end, 16);
  if (error != std::errc() || stop != token.data() + dot) return std::nullopt;
  return end;
}

}  // namespace

std::string make(std::string_view holder_incarnation, std::string_view stream_id, WallTime now) {
  return signed_token(holder_incarnation, stream_id, seconds_of(now + kLife));
}

bool is_valid(std::string_view token, std::string_view own_incarnation, std::string_view stream_id,
              WallTime now) {
  const auto end = end_of(token);
  if (!end || own_incarnation.empty() || *end < seconds_of(now)) return false;
  const std::string right = signed_token(own_incarnation, stream_id, *end);
  return token.size() == right.size() &&
         CRYPTO_memcmp(token.data(), right.data(), right.size()) == 0;
}

}  // namespace weir::relay_token
