#include "media_svc/net/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace weir::media::net {
namespace {

using Parsed = Result<std::optional<ProxyHeader>, ProxyHeaderError>;

constexpr std::string_view kFirstWord = "PROXY ";
// Section 2.1: the longest line, with its end.
constexpr std::size_t kLongestLine = 107;

// Section 2.2.
constexpr std::array<std::uint8_t, 12> kSignature = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                     0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t kFixedBytes = 16;
constexpr std::uint8_t kVersion2 = 0x20;
constexpr std::uint8_t kLocal = 0x0;
constexpr std::uint8_t kProxied = 0x1;
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;
// Two addresses, then two ports.
constexpr std::size_t kTcp4Bytes = 2 * 4 + 2 * 2;
constexpr std::size_t kTcp6Bytes = 2 * 16 + 2 * 2;

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Range>
bool may_begin_with(std::span<const std::uint8_t> received, const Range& beginning) {
  const std::size_t both = std::min(received.size(), std::size(beginning));
  return std::equal(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(both),
                    std::begin(beginning));
}

// The word up to the next space, which is taken too.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool is_address(int family, std::string_view text) {
  std::array<std::uint8_t, sizeof(in6_addr)> binary{};
  return ::inet_pton(family, std::string(text).c_str(), binary.data()) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// "TCP4 192.0.2.1 198.51.100.1 56324 1935"
std::optional<Endpoint> parse_source(std::string_view line) {
  const std::string_view protocol = take_word(line);
  if (protocol != "TCP4" && protocol != "TCP6") return std::nullopt;
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  const std::string_view source = take_word(line);
  const std::string_view destination = take_word(line);
  const auto source_port = parse_port(take_word(line));
  const auto destination_port = parse_port(take_word(line));
  if (!line.empty() || !source_port || !destination_port || !is_address(family, source) ||
      !is_address(family, destination)) {
    return std::nullopt;
  }
  return Endpoint{.host = std::string(source), .port = *source_port};
}

Parsed parse_line(std::span<const std::uint8_t> received) {
  const std::string_view text = text_of(received.first(std::min(received.size(), kLongestLine)));
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) {
    if (text.size() == kLongestLine) return ProxyHeaderError::kTooLong;
    return std::optional<ProxyHeader>();
  }
  ProxyHeader header{.bytes = end + 2, .source = std::nullopt};
  const std::string_view line = text.substr(kFirstWord.size(), end - kFirstWord.size());
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return std::optional(header);
  header.source = parse_source(line);
  if (!header.source) return ProxyHeaderError::kMalformed;
  return std::optional(header);
}

Endpoint endpoint_at(int family, const std::uint8_t* address, const std::uint8_t* port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return {.host = text.data(), .port = static_cast<std::uint16_t>(port[0] << 8 | port[1])};
}

Parsed parse_binary(std::span<const std::uint8_t> received) {
  if (received.size() < kFixedBytes) return std::optional<ProxyHeader>();
  const std::uint8_t version = received[12] & 0xF0;
  const std::uint8_t command = received[12] & 0x0F;
  if (version != kVersion2 || command > kProxied) return ProxyHeaderError::kMalformed;
  const std::size_t length = std::size_t{received[14]} << 8 | received[15];
  if (kFixedBytes + length > kProxyHeaderBytes) return ProxyHeaderError::kTooLong;
  if (received.size() < kFixedBytes + length) return std::optional<ProxyHeader>();

  ProxyHeader header{.bytes = kFixedBytes + length, .source = std::nullopt};
  if (command == kLocal) return std::optional(header);
  const std::uint8_t* addresses = received.data() + kFixedBytes;
  switch (received[13]) {
    case kTcp4:
      if (length < kTcp4Bytes) return ProxyHeaderError::kMalformed;
      header.source = endpoint_at(AF_INET, addresses, addresses + 8);
      break;
    case kTcp6:
      if (length < kTcp6Bytes) return ProxyHeaderError::kMalformed;
      header.source = endpoint_at(AF_INET6, addresses, addresses + 32);
      break;
    default:
      // Unix sockets and what is not specified: nobody to name.
      break;
  }
  return std::optional(header);
}

}  // namespace

Parsed parse_proxy_header(std::span<const std::uint8_t> received) {
  if (may_begin_with(received, kSignature)) return parse_binary(received);
  if (!may_begin_with(received, kFirstWord)) return ProxyHeaderError::kMissing;
  return parse_line(received);
}

}  // namespace weir::media::net
