#include "media_svc/rtmp/handshake.h"

#include <gtest/gtest.h>

#include <string>

#include "media_svc/rtmp/handshake_digest.h"
#include "tests/media_svc/rtmp/bytes.h"

namespace weir::media::rtmp {
namespace {

constexpr std::size_t kAnswer = 1 + 2 * kHandshakeBytes;

Bytes client_hello(bool digest) {
  Bytes hello;
  const ClientHandshake client(digest, 1, hello);
  return hello;
}

// A C0 and C1 that are signed in the given scheme.
Bytes signed_hello(DigestScheme scheme) {
  Bytes hello = bytes(3, 0, 0, 0, 0, 128, 0, 7, 2, repeated(kHandshakeBytes - 8, 0x5A));
  sign(std::span(hello).subspan(1), scheme, Signer::kClient);
  return hello;
}

struct Shaken {
  Bytes output;
  bool done = false;
  bool digest = false;
  // What the handshake left of the input.
  std::size_t left = 0;
  std::string fault;
};

Shaken shake(const Bytes& input, std::size_t piece) {
  ServerHandshake handshake(2);
  Shaken shaken;
  feed_in_pieces(input, piece, [&](std::span<const std::uint8_t> now) {
    if (!shaken.done && shaken.fault.empty()) {
      const auto done = handshake.next(now, shaken.output);
      if (!done) shaken.fault = label(done.error().error);
      shaken.done = done && *done;
    }
    shaken.left += now.size();
  });
  shaken.digest = handshake.digest();
  return shaken;
}

std::span<const std::uint8_t> s1(const Shaken& shaken) {
  return std::span(shaken.output).subspan(1, kHandshakeBytes);
}

std::span<const std::uint8_t> s2(const Shaken& shaken) {
  return std::span(shaken.output).subspan(1 + kHandshakeBytes, kHandshakeBytes);
}

TEST(ServerHandshake, EchoesASimpleClient) {
  const Bytes hello = client_hello(false);
  for (const std::size_t piece : kPieces) {
    const auto shaken = shake(bytes(hello, repeated(kHandshakeBytes, 9), "chunks"), piece);
    ASSERT_EQ(shaken.output.size(), kAnswer);
    EXPECT_EQ(shaken.output[0], 3);
    EXPECT_TRUE(std::ranges::equal(s2(shaken), std::span(hello).subspan(1)));
    EXPECT_TRUE(shaken.done);
    EXPECT_FALSE(shaken.digest);
    EXPECT_EQ(shaken.left, 6u);
  }
}

TEST(ServerHandshake, AnswersAsSoonAsC1IsHere) {
  const auto shaken = shake(client_hello(false), SIZE_MAX);
  EXPECT_EQ(shaken.output.size(), kAnswer);
  EXPECT_FALSE(shaken.done);
}

TEST(ServerHandshake, SignsForBothSchemes) {
  for (const auto scheme : {DigestScheme::kFirst, DigestScheme::kSecond}) {
    const Bytes hello = signed_hello(scheme);
    const auto signature = find_digest(std::span(hello).subspan(1), Signer::kClient);
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(signature->scheme, scheme);
    for (const std::size_t piece : kPieces) {
      const auto shaken = shake(bytes(hello, repeated(kHandshakeBytes, 9)), piece);
      ASSERT_EQ(shaken.output.size(), kAnswer);
      EXPECT_TRUE(shaken.done);
      EXPECT_TRUE(shaken.digest);
      const auto server = find_digest(s1(shaken), Signer::kServer);
      ASSERT_TRUE(server.has_value());
      EXPECT_EQ(server->scheme, scheme);
      Bytes expected(s2(shaken).begin(), s2(shaken).end());
      sign_answer(expected, signature->digest, Signer::kServer);
      EXPECT_TRUE(std::ranges::equal(s2(shaken), expected));
    }
  }
}

// nginx computes these digests with code of its own.
TEST(ServerHandshake, SignsAsNginxDoes) {
  const Bytes client = golden("ffmpeg_publish.client");
  const Bytes server = golden("ffmpeg_publish.server");
  const auto asked = find_digest(std::span(client).subspan(1, kHandshakeBytes), Signer::kClient);
  ASSERT_TRUE(asked.has_value());
  EXPECT_TRUE(
      find_digest(std::span(server).subspan(1, kHandshakeBytes), Signer::kServer).has_value());
  const auto answer = std::span(server).subspan(1 + kHandshakeBytes, kHandshakeBytes);
  Bytes expected(answer.begin(), answer.end());
  std::ranges::fill(std::span(expected).last(kDigestBytes), std::uint8_t{0});
  sign_answer(expected, asked->digest, Signer::kServer);
  EXPECT_TRUE(std::ranges::equal(answer, expected));
}

TEST(ServerHandshake, TreatsAWrongDigestAsNone) {
  Bytes hello = signed_hello(DigestScheme::kFirst);
  hello[100] ^= 1;
  const auto shaken = shake(bytes(hello, repeated(kHandshakeBytes, 9)), SIZE_MAX);
  EXPECT_TRUE(shaken.done);
  EXPECT_FALSE(shaken.digest);
}

TEST(ServerHandshake, AnswersOtherVersionsLikeThree) {
  for (const int version : {0, 2, 6, 31, 255}) {
    Bytes hello = client_hello(false);
    hello[0] = static_cast<std::uint8_t>(version);
    const auto shaken = shake(bytes(hello, repeated(kHandshakeBytes, 9)), SIZE_MAX);
    EXPECT_TRUE(shaken.done) << version;
    EXPECT_EQ(shaken.output[0], 3) << version;
  }
}

TEST(ServerHandshake, NamesOtherProtocolsAtTheirFirstBytes) {
  const std::pair<Bytes, std::string> cases[] = {
      {bytes("GET / HTTP/1.1\r\n"), "http"},
      {bytes("POST"), "http"},
      {bytes("HEAD /"), "http"},
      {bytes("CONNECT a:1"), "http"},
      {bytes("PRI *"), "http"},
      {bytes(0x16, 3, 1), "tls"},
      {bytes("PROXY TCP4 192.0.2.1"), "unexpected_proxy_header"},
      {bytes(13, 10, 13, 10, 0, 13, 10, "QUIT", 10, 0x21), "unexpected_proxy_header"},
  };
  for (const auto& [input, fault] : cases) {
    for (const std::size_t piece : kPieces) {
      const auto shaken = shake(input, piece);
      EXPECT_EQ(shaken.fault, fault);
      EXPECT_TRUE(shaken.output.empty());
    }
  }
}

TEST(ClientHandshake, AgreesWithTheServer) {
  for (const bool digest : {false, true}) {
    for (const std::size_t piece : kPieces) {
      Bytes to_server;
      Bytes to_client;
      ClientHandshake client(digest, 1, to_server);
      ServerHandshake server(2);
      std::span<const std::uint8_t> hello = to_server;
      EXPECT_FALSE(*server.next(hello, to_client));
      Bytes c2;
      bool done = false;
      feed_in_pieces(to_client, piece, [&](std::span<const std::uint8_t> now) {
        const auto step = client.next(now, c2);
        ASSERT_TRUE(step.has_value());
        done = *step;
      });
      EXPECT_TRUE(done);
      EXPECT_EQ(c2.size(), kHandshakeBytes);
      std::span<const std::uint8_t> rest = c2;
      EXPECT_TRUE(*server.next(rest, to_client));
      EXPECT_EQ(server.digest(), digest);
    }
  }
}

TEST(ClientHandshake, RefusesAServerThatSignsWrongly) {
  Bytes hello;
  ClientHandshake client(true, 1, hello);
  const Bytes answer = bytes(3, 0, 0, 0, 0, 4, 5, 0, 1, repeated(kHandshakeBytes - 8, 1));
  std::span<const std::uint8_t> input = answer;
  const auto done = client.next(input, hello);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().error, Error::kHandshake);
}

}  // namespace
}  // namespace weir::media::rtmp
