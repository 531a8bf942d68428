#include "control_svc/domain/digest.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::control::domain {
namespace {

// FNV-1a, byte by byte: http://www.isthe.com/chongo/tech/comp/fnv/
std::uint64_t fnv(const std::string& bytes) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char c : bytes) value = (value ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
  return value;
}

// What a field is digested as.
std::string with_length(const std::string& field) {
  std::string bytes = field;
  for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) {
    bytes += static_cast<char>(std::uint64_t{field.size()} >> (8 * i));
  }
  return bytes;
}

TEST(Digest, IsTheSameInEveryRelease) {
  // In files that were written long ago, too.
  EXPECT_EQ(Digest{}.add("user-1").value(), 0xec1e8d95958c7a12U);
  for (const std::size_t size : {0, 1, 8, 255, 256, 257, 65'535, 65'536, 70'000}) {
    const std::string field(size, 'x');
    EXPECT_EQ(Digest{}.add(field).add("next").value(),
              fnv(with_length(field) + with_length("next")))
        << size;
  }
}

TEST(Digest, FieldsAreTakenApart) {
  EXPECT_NE(Digest{}.add("ab").add("c").value(), Digest{}.add("a").add("bc").value());
}

}  // namespace
}  // namespace weir::control::domain
