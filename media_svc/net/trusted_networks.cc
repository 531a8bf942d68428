#include "media_svc/net/trusted_networks.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace weir::media::net {

namespace ip = boost::asio::ip;

namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Nothing unless it is a number up to `most`.
std::optional<unsigned short> parse_prefix(std::string_view text, unsigned short most) {
  unsigned short bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

}  // namespace

std::optional<TrustedNetworks> TrustedNetworks::parse(std::string_view text) {
  TrustedNetworks networks;
  while (!trimmed(text).empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (!networks.add(trimmed(text.substr(0, end)))) return std::nullopt;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return networks;
}

bool TrustedNetworks::add(std::string_view text) {
  const std::size_t slash = text.find('/');
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) return false;
  const unsigned short most = address.is_v4() ? 32 : 128;
  const auto bits = slash == std::string_view::npos ? std::optional(most)
                                                    : parse_prefix(text.substr(slash + 1), most);
  if (!bits) return false;
  if (address.is_v4()) {
    v4_.push_back(ip::network_v4(address.to_v4(), *bits).canonical());
  } else {
    v6_.push_back(ip::network_v6(address.to_v6(), *bits).canonical());
  }
  return true;
}

bool TrustedNetworks::contains(const ip::address& address) const {
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    return std::ranges::any_of(v6_, [&](const ip::network_v6& network) {
      return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network;
    });
  }
  const ip::address_v4 v4 =
      address.is_v4() ? address.to_v4() : ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return std::ranges::any_of(v4_, [&](const ip::network_v4& network) {
    return ip::network_v4(v4, network.prefix_length()).canonical() == network;
  });
}

}  // namespace weir::media::net
