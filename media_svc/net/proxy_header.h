// The PROXY protocol's header, with which a load balancer says who really connected
// (haproxy.org, proxy-protocol.txt, versions 1 and 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/endpoint.h"
#include "common/result.h"

namespace weir::media::net {

enum class ProxyHeaderError : std::uint8_t {
  // What comes first is no such header.
  kMissing,
  kMalformed,
  // Longer than `kProxyHeaderBytes`.
  kTooLong,
};

// Addresses and the extensions (TLVs) that balancers add; nobody sends nearly as many.
inline constexpr std::size_t kProxyHeaderBytes = 4096;

struct ProxyHeader {
  // Of the header; what follows is the client's.
  std::size_t bytes = 0;
  // Nothing where the balancer speaks for itself (a health check) or does not know.
  std::optional<Endpoint> source;
};

// Reads the header at the front of `received`. Nothing: it is not all here. Says what is wrong as
// soon as it can be known, so that nobody waits for the rest of something else.
Result<std::optional<ProxyHeader>, ProxyHeaderError> parse_proxy_header(
    std::span<const std::uint8_t> received);

}  // namespace weir::media::net
