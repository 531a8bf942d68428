// Text from anywhere, character by character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

struct CodePoint {
  std::uint32_t value = 0;
  // 0: not UTF-8.
  std::size_t bytes = 0;
};

// The first of a text that is not empty. Well-formed UTF-8 only (RFC 3629, section 3): the shortest
// form, no surrogates, nothing beyond Unicode.
CodePoint first_code_point(std::string_view text);

// C0, DEL and C1: nothing to print, and terminals obey them.
constexpr bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

}  // namespace weir
