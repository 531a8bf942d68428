// Text from anywhere, made safe to stand in a log line.
#pragma once

#include <string>
#include <string_view>

namespace weir::log {

// Appends `text` as the inside of a JSON string (RFC 8259 section 7). Also escaped are DEL and the
// C1 controls, which terminals obey; what is not UTF-8 becomes U+FFFD.
void append_escaped(std::string& line, std::string_view text);

}  // namespace weir::log
