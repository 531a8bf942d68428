// What lets one media instance play a stream from another, without a session.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"

namespace weir::relay_token {

// How long a token opens a connection. One that is open stays so.
inline constexpr Duration kLife{60'000};

// Control's own, new with each of its processes, and never told.
class Secret {
 public:
  Secret();
  // What signs the tokens for one process of an instance. That instance learns it when it attaches,
  // and nobody else does.
  std::string key_of(std::string_view instance_id, std::string_view incarnation) const;

 private:
  std::string bytes_;
};

// Control makes tokens, the instance that holds the stream checks them; neither asks the other. The
// key is the holder's (HMAC-SHA-256, RFC 2104), so that a token is good at one instance, for one
// stream, until the instance or control starts anew. In the clear it says when it ends:
// "<seconds since 1970, hex>.<mac, hex>".
std::string make(std::string_view key, std::string_view stream_id, WallTime now);
// Nothing is valid where the key is empty: control has not given one yet.
bool is_valid(std::string_view token, std::string_view key, std::string_view stream_id,
              WallTime now);

}  // namespace weir::relay_token
