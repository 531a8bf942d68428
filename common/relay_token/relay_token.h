// What lets one media instance play a stream from another, without a session.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"

namespace weir::relay_token {

// How long a token opens a connection. One that is open stays so.
inline constexpr Duration kLife{60'000};

// Control makes tokens, the instance that holds the stream checks them; neither asks the other.
// Both know the holder's incarnation and nobody else does: it is the key (HMAC-SHA-256, RFC 2104),
// so that a token is good at one instance, for one stream, until the instance starts anew. In the
// clear it says when it ends: "<seconds since 1970, hex>.<mac, hex>".
std::string make(std::string_view holder_incarnation, std::string_view stream_id, WallTime now);
bool is_valid(std::string_view token, std::string_view own_incarnation, std::string_view stream_id,
              WallTime now);

}  // namespace weir::relay_token
