// Where to listen or connect: "127.0.0.1:1935", "[::1]:1935", "control.weir.svc:7070".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

// A host, by name or address, and a port; port 0 asks the system for a free one. A plain value.
struct Endpoint {
  // Without brackets.
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Nothing unless `text` is host:port with a decimal port and, around an IPv6 address, brackets.
std::optional<Endpoint> parse_endpoint(std::string_view text);
// The form that parse_endpoint reads.
std::string to_string(const Endpoint& endpoint);
// True for what only this machine can reach: 127.0.0.0/8, ::1 and "localhost".
bool is_loopback(const Endpoint& endpoint);

}  // namespace weir
