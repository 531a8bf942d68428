// The primitives of record_codec: little-endian numbers and counted strings, closed by a digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::control::store {

// Builds one encoded value. `finish` ends it.
class ByteWriter {
 public:
  explicit ByteWriter(std::uint8_t format) { number(format); }

  template <class T>
    requires std::is_integral_v<T>
  ByteWriter& number(T value) {
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_ += static_cast<char>(static_cast<std::uint64_t>(bits) >> (8 * i));
    }
    return *this;
  }
  template <class T>
    requires std::is_enum_v<T>
  ByteWriter& number(T value) {
    return number(static_cast<std::underlying_type_t<T>>(value));
  }
  ByteWriter& flag(bool value) { return number(static_cast<std::uint8_t>(value)); }
  ByteWriter& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  std::string finish() &&;

 private:
  std::string bytes_;
};

// Reads one encoded value. After the first thing that is missing everything reads as zero, and
// `complete` says so at the end.
class ByteReader {
 public:
  // Takes every format up to `newest`.
  ByteReader(std::string_view bytes, std::uint8_t newest);

  std::uint8_t format() const { return format_; }

  template <class T>
    requires std::is_integral_v<T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
    }
    return static_cast<T>(value);
  }
  template <class T>
    requires std::is_enum_v<T>
  T number() {
    // The zero of what is missing may name no enumerator; an incomplete record is not used.
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
    return static_cast<T>(number<std::underlying_type_t<T>>());
  }
  bool flag() { return number<std::uint8_t>() != 0; }
  std::string_view text() { return take(number<std::uint32_t>()); }
  // A count of entries that take at least `entry_size` bytes each, so never more than there are.
  std::size_t count(std::size_t entry_size);

  bool complete() const { return good_ && left_.empty(); }

 private:
  std::string_view take(std::size_t size);

  std::string_view left_;
  bool good_ = false;
  std::uint8_t format_ = 0;
};

}  // namespace weir::control::store
