#include "common/log/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

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

}  // namespace

void append_escaped(std::string& line, std::string_view text) {
  for (;;) {
    // Nearly all that is ever logged.
    const auto plain = std::ranges::find_if_not(text, is_plain) - text.begin();
    line += text.substr(0, static_cast<std::size_t>(plain));
    text.remove_prefix(static_cast<std::size_t>(plain));
    if (text.empty()) return;
    const CodePoint character = first_code_point(text);
    if (character.bytes == 0) {
      line += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t code_point = character.value;
    if (code_point == '"' || code_point == '\\') {
      line += '\\';
      line += text.front();
    } else if (code_point == '\n') {
      line += "\\n";
    } else if (is_control(code_point)) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", code_point);
    } else {
      line += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
}

}  // namespace weir::log
