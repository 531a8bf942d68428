// The networks whose load balancers are believed.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace weir::media::net {

// A value. Default-constructed it trusts nobody.
class TrustedNetworks {
 public:
  // "10.0.0.0/8, 2001:db8::/32, 192.0.2.7"; an address alone is itself. Nothing: one is neither.
  static std::optional<TrustedNetworks> parse(std::string_view text);

  // An IPv4 address that a socket for both kinds shows as IPv6 counts as IPv4.
  bool contains(const boost::asio::ip::address& address) const;
  bool empty() const { return v4_.empty() && v6_.empty(); }

 private:
  bool add(std::string_view text);

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace weir::media::net
