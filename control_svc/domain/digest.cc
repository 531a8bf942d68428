#include "control_svc/domain/digest.h"

namespace weir::control::domain {

Digest& Digest::add(std::string_view field) {
  for (const char c : field) add_byte(static_cast<std::uint8_t>(c));
  for (std::uint64_t size = field.size(), i = 0; i < sizeof(size); ++i, size >>= 8) {
    add_byte(static_cast<std::uint8_t>(size));
  }
  return *this;
}

}  // namespace weir::control::domain
