#include "common/log/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace weir::log {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::uint32_t kFirstAboveC1 = 0xA0;

struct Decoded {
  std::uint32_t code_point = 0;
  // 0: not UTF-8.
  std::size_t length = 0;
};

// One character of UTF-8 (RFC 3629); overlong forms, surrogates and values over 0x10FFFF are none.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  std::uint32_t code_point = first & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (byte(at) & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, length};
}

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
    const Decoded character = decode(text);
    if (character.length == 0) {
      line += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t code_point = character.code_point;
    if (code_point == '"' || code_point == '\\') {
      line += '\\';
      line += text.front();
    } else if (code_point == '\n') {
      line += "\\n";
    } else if (code_point < 0x20 || (code_point >= 0x7F && code_point < kFirstAboveC1)) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", code_point);
    } else {
      line += text.substr(0, character.length);
    }
    text.remove_prefix(character.length);
  }
}

}  // namespace weir::log
