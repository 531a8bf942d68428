#include "common/log/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

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

// Eight characters at once, one a byte: whether each is plain. Of what is subtracted from a byte
// only a smaller one borrows into its topmost bit.
constexpr std::size_t kWord = sizeof(std::uint64_t);
bool all_plain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kTops = kOnes * 0x80;
  const auto has_below = [](std::uint64_t bytes, std::uint64_t bound) {
    return (bytes - kOnes * bound) & ~bytes;
  };
  const auto has = [&](char c) {
    return has_below(word ^ (kOnes * static_cast<unsigned char>(c)), 1);
  };
  return ((has_below(word, ' ') | has('"') | has('\\') | has('\x7F') | word) & kTops) == 0;
}

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
    for (std::uint64_t word = 0; text.size() >= kWord; text.remove_prefix(kWord), out += kWord) {
      std::memcpy(&word, text.data(), kWord);
      if (!all_plain(word)) break;
      std::memcpy(out, &word, kWord);
    }
    for (; !text.empty() && is_plain(text.front()); text.remove_prefix(1)) *out++ = text.front();
    if (!text.empty()) out = escape_first(text, out);
  }
  return out;
}

}  // namespace weir::log
