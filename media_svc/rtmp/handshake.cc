#include "media_svc/rtmp/handshake.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "media_svc/rtmp/byte_order.h"
#include "media_svc/rtmp/handshake_digest.h"

namespace weir::media::rtmp {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t kVersion = 3;
// Where a signed C1 or S1 names its software; zero in an unsigned one.
constexpr std::size_t kVersionAt = 4;
// Clients look for a server of version 3 or later before they check its digest.
constexpr std::array<std::uint8_t, 4> kServerVersion = {4, 5, 0, 1};
constexpr std::array<std::uint8_t, 4> kClientVersion = {9, 0, 124, 2};

// Random enough to be told apart; nothing secret hangs on it (SplitMix64). Whole words only.
void fill(std::span<std::uint8_t> bytes, std::uint64_t& seed) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof seed) {
    seed += 0x9E37'79B9'7F4A'7C15;
    std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xBF58'476D'1CE4'E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EB;
    mixed ^= mixed >> 31;
    std::memcpy(bytes.data() + i, &mixed, sizeof mixed);
  }
}

// Time 0, version, random bytes: a C1 or S1 that is not signed yet.
void fill_block(std::span<std::uint8_t> block, std::span<const std::uint8_t, 4> version,
                std::uint64_t& seed) {
  std::ranges::fill(block.first(kVersionAt), std::uint8_t{0});
  std::ranges::copy(version, block.begin() + kVersionAt);
  fill(block.subspan(8), seed);
}

bool begins_like(std::span<const std::uint8_t> bytes, std::string_view pattern) {
  return bytes.size() >= pattern.size() &&
         std::equal(pattern.begin(), pattern.end(), bytes.begin(),
                    [](char c, std::uint8_t byte) { return static_cast<std::uint8_t>(c) == byte; });
}

std::optional<Fault> other_protocol(std::span<const std::uint8_t> received) {
  for (const std::string_view method : {"GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN", "PRI "}) {
    if (begins_like(received, method)) return Fault{Error::kHttp, "HTTP on the RTMP port"};
  }
  // TLS 1.0 to 1.3, RFC 8446 section 5.1: a handshake record of version 3.x.
  if (begins_like(received, "\x16\x03")) return Fault{Error::kTls, "TLS on the RTMP port"};
  // The PROXY protocol's versions 1 and 2 (sections 2.1 and 2.2).
  for (const std::string_view header : {"PROXY "sv, "\r\n\r\n\0\r\nQUIT\n"sv}) {
    if (begins_like(received, header)) {
      return Fault{Error::kProxyHeader, "a PROXY header from an address that is not trusted"};
    }
  }
  return std::nullopt;
}

// Moves bytes from `input` until `received` has `count` of them. False: not yet.
bool collect(std::vector<std::uint8_t>& received, std::size_t count,
             std::span<const std::uint8_t>& input) {
  const auto piece = input.first(std::min(count - received.size(), input.size()));
  received.insert(received.end(), piece.begin(), piece.end());
  input = input.subspan(piece.size());
  return received.size() == count;
}

// Passes over bytes that nobody looks at. True: all of them were here.
bool pass_over(std::size_t& left, std::span<const std::uint8_t>& input) {
  const std::size_t passed = std::min(left, input.size());
  input = input.subspan(passed);
  left -= passed;
  return left == 0;
}

bool is_versioned(std::span<const std::uint8_t> block) {
  return load_u32(block.data() + kVersionAt) != 0;
}

}  // namespace

Outcome<bool> ServerHandshake::next(std::span<const std::uint8_t>& input,
                                    std::vector<std::uint8_t>& output) {
  if (!answered_) {
    constexpr std::size_t kBytes = 1 + kHandshakeBytes;
    // Usually all of it is here at once, and is not kept.
    const bool whole = received_.empty() && input.size() >= kBytes;
    const bool complete = whole || collect(received_, kBytes, input);
    const auto begin = whole ? input.first(kBytes) : std::span<const std::uint8_t>(received_);
    if (auto fault = other_protocol(begin)) return std::move(*fault);
    if (!complete) return false;
    answer(begin.subspan(1), output);
    if (whole) input = input.subspan(kBytes);
    answered_ = true;
    c2_left_ = kHandshakeBytes;
    received_ = {};
  }
  return pass_over(c2_left_, input);
}

void ServerHandshake::answer(std::span<const std::uint8_t> c1, std::vector<std::uint8_t>& output) {
  const auto found = is_versioned(c1) ? find_digest(c1, Signer::kClient) : std::nullopt;
  digest_ = found.has_value();

  const std::size_t start = output.size();
  output.resize(start + 1 + 2 * kHandshakeBytes);
  output[start] = kVersion;
  const auto s1 = std::span(output).subspan(start + 1, kHandshakeBytes);
  const auto s2 = std::span(output).subspan(start + 1 + kHandshakeBytes, kHandshakeBytes);
  if (!found) {
    fill_block(s1, std::array<std::uint8_t, 4>{}, seed_);
    std::ranges::copy(c1, s2.begin());
    return;
  }
  fill_block(s1, kServerVersion, seed_);
  sign(s1, found->scheme, Signer::kServer);
  fill(s2, seed_);
  sign_answer(s2, found->digest, Signer::kServer);
}

ClientHandshake::ClientHandshake(bool digest, std::uint64_t seed, std::vector<std::uint8_t>& output)
    : digest_(digest), seed_(seed) {
  const std::size_t start = output.size();
  output.resize(start + 1 + kHandshakeBytes);
  output[start] = kVersion;
  const auto c1 = std::span(output).subspan(start + 1);
  fill_block(c1, digest ? kClientVersion : std::array<std::uint8_t, 4>{}, seed_);
  if (digest) sign(c1, DigestScheme::kFirst, Signer::kClient);
}

Outcome<bool> ClientHandshake::next(std::span<const std::uint8_t>& input,
                                    std::vector<std::uint8_t>& output) {
  if (!answered_) {
    if (!collect(received_, 1 + kHandshakeBytes, input)) return false;
    const auto s1 = std::span<const std::uint8_t>(received_).subspan(1);
    const std::size_t start = output.size();
    output.insert(output.end(), s1.begin(), s1.end());
    if (digest_ && is_versioned(s1)) {
      const auto found = find_digest(s1, Signer::kServer);
      if (!found) return Fault{Error::kHandshake, "the server's digest is wrong"};
      const auto c2 = std::span(output).subspan(start);
      fill(c2, seed_);
      sign_answer(c2, found->digest, Signer::kClient);
    }
    answered_ = true;
    s2_left_ = kHandshakeBytes;
    received_ = {};
  }
  return pass_over(s2_left_, input);
}

}  // namespace weir::media::rtmp
