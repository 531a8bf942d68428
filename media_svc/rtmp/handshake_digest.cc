#include "media_svc/rtmp/handshake_digest.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/hmac/hmac.h"

namespace weir::media::rtmp {
namespace {

constexpr std::string_view kClientText = "Genuine Adobe Flash Player 001";
constexpr std::string_view kServerText = "Genuine Adobe Flash Media Server 001";
// Follows the text in the keys that sign C2 and S2.
constexpr std::array<std::uint8_t, 32> kKeyTail = {
    0xF0, 0xEE, 0xC2, 0x4A, 0x80, 0x68, 0xBE, 0xE8, 0x2E, 0x00, 0xD0, 0xD1, 0x02, 0x9E, 0x7E, 0x57,
    0x6E, 0xEC, 0x5D, 0x2D, 0x29, 0x80, 0x6F, 0xAB, 0x93, 0xB8, 0xE6, 0x36, 0xCF, 0xEB, 0x31, 0xAE};

// Each block has four bytes whose sum says where in the block the digest is.
constexpr std::size_t kOffsetRange = 728;
constexpr std::size_t kFirstOffsetAt = 8;
constexpr std::size_t kSecondOffsetAt = 772;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(Signer signer) {
  return signer == Signer::kClient ? kClientText : kServerText;
}

std::size_t digest_at(std::span<const std::uint8_t> block, DigestScheme scheme) {
  const std::size_t at = scheme == DigestScheme::kFirst ? kFirstOffsetAt : kSecondOffsetAt;
  const std::size_t sum = std::size_t{block[at]} + block[at + 1] + block[at + 2] + block[at + 3];
  return at + 4 + sum % kOffsetRange;
}

// Of everything in the block but the digest itself.
Digest digest_of(std::span<const std::uint8_t> block, std::size_t at, Signer signer) {
  std::vector<std::uint8_t> rest(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(at));
  rest.insert(rest.end(), block.begin() + static_cast<std::ptrdiff_t>(at + kDigestBytes),
              block.end());
  return hmac::sha256(bytes_of(text_of(signer)), rest);
}

}  // namespace

std::optional<FoundDigest> find_digest(std::span<const std::uint8_t> block, Signer signer) {
  for (const auto scheme : {DigestScheme::kFirst, DigestScheme::kSecond}) {
    const std::size_t at = digest_at(block, scheme);
    const Digest digest = digest_of(block, at, signer);
    if (CRYPTO_memcmp(digest.data(), block.data() + at, kDigestBytes) == 0) {
      return FoundDigest{scheme, digest};
    }
  }
  return std::nullopt;
}

Digest sign(std::span<std::uint8_t> block, DigestScheme scheme, Signer signer) {
  const std::size_t at = digest_at(block, scheme);
  const Digest digest = digest_of(block, at, signer);
  std::memcpy(block.data() + at, digest.data(), kDigestBytes);
  return digest;
}

void sign_answer(std::span<std::uint8_t> block, const Digest& answered, Signer signer) {
  const auto text = bytes_of(text_of(signer));
  std::vector<std::uint8_t> key(text.begin(), text.end());
  key.insert(key.end(), kKeyTail.begin(), kKeyTail.end());
  const Digest session_key = hmac::sha256(key, answered);
  const auto signed_part = block.first(block.size() - kDigestBytes);
  const Digest digest = hmac::sha256(session_key, signed_part);
  std::memcpy(block.data() + signed_part.size(), digest.data(), kDigestBytes);
}

}  // namespace weir::media::rtmp
