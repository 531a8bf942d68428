// Where the next page begins, bound to the filters that it was made for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::control::store {

// Opaque to callers: the digest of the filters, and of which list they are, and the key of the last
// entry, both in hexadecimal.
std::string make_page_token(std::uint64_t filters, std::string_view last_key);
// The last key. Nothing: made for other filters, or not by us.
std::optional<std::string> read_page_token(std::uint64_t filters, std::string_view token);

}  // namespace weir::control::store
