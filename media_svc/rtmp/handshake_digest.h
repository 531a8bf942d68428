// The digests that Flash Player 9 added to the handshake. Adobe never published them; the keys and
// offsets are those that all servers and ffmpeg, librtmp and Flash have used since.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/hmac/hmac.h"

namespace weir::media::rtmp {

inline constexpr std::size_t kDigestBytes = hmac::kDigestBytes;
using Digest = hmac::Digest;

// Where in C1 or S1 the digest lies: in the block that follows the version (first), or in the one
// after it (second). A client chooses, the server answers alike.
enum class DigestScheme : std::uint8_t { kFirst, kSecond };

enum class Signer : std::uint8_t { kClient, kServer };

struct FoundDigest {
  DigestScheme scheme;
  Digest digest;
};

// The valid digest of a C1 or S1; nothing if it is not signed.
std::optional<FoundDigest> find_digest(std::span<const std::uint8_t> block, Signer signer);

// Writes the digest of a C1 or S1 into it.
Digest sign(std::span<std::uint8_t> block, DigestScheme scheme, Signer signer);

// Writes the digest at the end of an S2 or C2, which answers a C1 or S1 with digest `answered`.
void sign_answer(std::span<std::uint8_t> block, const Digest& answered, Signer signer);

}  // namespace weir::media::rtmp
