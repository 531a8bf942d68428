// Text from anywhere, made safe to stand in a log line.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::log {

// What a byte may become: "\u001b".
constexpr std::size_t kMostEscapedBytes = 6;

// Writes `text` as the inside of a JSON string (RFC 8259 section 7) and returns its end; `out` has
// room for kMostEscapedBytes a byte. Also escaped are DEL and the C1 controls, which terminals
// obey; what is not UTF-8 becomes U+FFFD.
char* escape(std::string_view text, char* out);

}  // namespace weir::log
