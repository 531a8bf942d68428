#include "common/relay_token/relay_token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "common/hmac/hmac.h"

namespace weir::relay_token {
namespace {

// What is signed for one purpose is never mistaken for the other.
constexpr std::string_view kKeyPurpose = "weir relay key 1";
constexpr std::string_view kTokenPurpose = "weir relay token 1";
constexpr int kSecretBytes = 32;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string sign(std::string_view key, std::string_view text) {
  const hmac::Digest mac = hmac::sha256(key, text);
  return {mac.begin(), mac.end()};
}

// Ids hold no NUL, so that no two of these read the same.
std::string joined(std::string_view purpose, std::string_view first, std::string_view second) {
  std::string text(purpose);
  return text.append(1, '\0').append(first).append(1, '\0').append(second);
}

std::string signed_token(std::string_view key, std::string_view stream_id, std::int64_t end) {
  std::string token = fmt::format("{:x}", end);
  const std::string mac = sign(key, joined(kTokenPurpose, stream_id, token));
  token += '.';
  for (const char byte : mac) token += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return token;
}

std::optional<std::int64_t> end_of(std::string_view token) {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view digits = token.substr(0, dot);
  std::int64_t end = 0;
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), end, 16);
  if (error != std::errc() || stop != digits.end()) return std::nullopt;
  return end;
}

}  // namespace

Secret::Secret() : bytes_(kSecretBytes, '\0') {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes_.data()), kSecretBytes) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes");
  }
}

std::string Secret::key_of(std::string_view instance_id, std::string_view incarnation) const {
  return sign(bytes_, joined(kKeyPurpose, instance_id, incarnation));
}

std::string make(std::string_view key, std::string_view stream_id, WallTime now) {
  return signed_token(key, stream_id, seconds_of(now + kLife));
}

bool is_valid(std::string_view token, std::string_view key, std::string_view stream_id,
              WallTime now) {
  const auto end = end_of(token);
  if (!end || key.empty() || *end < seconds_of(now)) return false;
  const std::string right = signed_token(key, stream_id, *end);
  return token.size() == right.size() &&
         CRYPTO_memcmp(token.data(), right.data(), right.size()) == 0;
}

}  // namespace weir::relay_token
