#include "common/log/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/utf8.h"

namespace weir::log {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// By character: whether it stands for itself, as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = ' '; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

char* put(std::string_view text, char* out) { return std::copy(text.begin(), text.end(), out); }

// The first character of a text that does not begin plainly; takes it from the text.
char* escape_first(std::string_view& text, char* out) {
  const CodePoint character = first_code_point(text);
  if (character.bytes == 0) {
    text.remove_prefix(1);
    return put(kReplacement, out);
  }
  const std::string_view as_it_is = text.substr(0, character.bytes);
  text.remove_prefix(character.bytes);
  if (as_it_is == "\n") return put("\\n", out);
  if (is_control(character.value)) return fmt::format_to(out, "\\u{:04x}", character.value);
  if (as_it_is == "\"" || as_it_is == "\\") *out++ = '\\';
  return put(as_it_is, out);
}

}  // namespace

char* escape(std::string_view text, char* out) {
  while (!text.empty()) {
    // Nearly all that is ever logged.
    const auto plain = std::find_if_not(text.begin(), text.end(), is_plain) - text.begin();
    out = put(text.substr(0, static_cast<std::size_t>(plain)), out);
    text.remove_prefix(static_cast<std::size_t>(plain));
    if (!text.empty()) out = escape_first(text, out);
  }
  return out;
}

}  // namespace weir::log
