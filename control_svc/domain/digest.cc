#include "control_svc/domain/digest.h"

#include <array>
#include <cstddef>

namespace weir::control::domain {
namespace {

// Of the prime, from its zeroth on.
constexpr std::array<std::uint64_t, sizeof(std::uint64_t) + 1> kPowers = [] {
  std::array<std::uint64_t, sizeof(std::uint64_t) + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * Digest::kPrime;
  return powers;
}();

}  // namespace

Digest& Digest::add(std::string_view field) {
  for (const char c : field) add_byte(static_cast<std::uint8_t>(c));
  // The length as eight bytes. All of its zeros at once: a zero byte only multiplies.
  std::uint64_t size = field.size();
  std::size_t left = sizeof(size);
  for (; size > 0; size >>= 8, --left) add_byte(static_cast<std::uint8_t>(size));
  value_ *= kPowers[left];
  return *this;
}

}  // namespace weir::control::domain
